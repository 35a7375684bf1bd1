import type { Report } from './report.ts';

/** Stands for the file: even its name may be that of a person or machine. */
export const redactedPath = 'redacted';

/**
 * The report without what can identify a person or machine: the path of the file and the process name. It holds no
 * memory contents, and so no payload text. Module file names stay, they are what a crash is about.
 */
export function redact(report: Report): Report {
  return {
    ...report,
    dump: { ...report.dump, path: redactedPath },
    system: { ...report.system, process: null },
  };
}
