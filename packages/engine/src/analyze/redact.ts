import type { Report } from './report.ts';

/**
 * The report without what can identify a person or machine: directories of paths and the process name. It holds no
 * memory contents, and so no payload text.
 * Module file names stay, they are what a crash is about.
 */
export function redact(report: Report): Report {
  return {
    ...report,
    dump: { ...report.dump, path: baseName(report.dump.path) },
    system: { ...report.system, process: null },
  };
}

export const baseName = (path: string): string =>
  path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
