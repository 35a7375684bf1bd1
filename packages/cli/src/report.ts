import { resolve } from 'node:path';
import { type Report, redactedPath, reportHtml } from '@poolscope/engine';
import { isSameFile, writeWhole } from './io/write-whole.ts';
import { jsonText } from './json-text.ts';
import { type FileOptions, openFile } from './open-file.ts';
import { programName } from './program-name.ts';
import { printable } from './render.ts';
import { openSymbolSource } from './symbols/symbol-options.ts';

export interface ReportFlags extends FileOptions {
  /** Files to write. */
  readonly html?: string;
  readonly json?: string;
  readonly redact?: boolean;
}

/** What is wrong with the options; undefined where nothing is. */
export function reportProblem(file: string, { html, json }: ReportFlags): string | undefined {
  const outputs = [html, json].filter((path) => path !== undefined);
  if (outputs.length === 0) return 'name the file to write: --html OUT or --json OUT';
  if (outputs.includes('')) return 'the file to write has no name';
  const dump = outputs.find((path) => resolve(path) === resolve(file) || isSameFile(path, file));
  if (dump !== undefined) return `${printable(dump)} is the dump itself: name another file to write`;
  const isOne =
    html !== undefined && json !== undefined && (resolve(html) === resolve(json) || isSameFile(html, json));
  return isOne ? '--html and --json name the same file' : undefined;
}

/** Analyzes a dump and writes its report. Errors: those of opening a dump, and FILE_UNREADABLE where it cannot be written. */
export async function runReport(file: string, flags: ReportFlags): Promise<void> {
  const { session, close } = await openFile(file, {
    symbols: openSymbolSource(flags),
    pooltags: flags.pooltags,
  });
  try {
    const { report } = session.analyze({ redact: flags.redact === true });
    if (flags.html !== undefined) writeWhole(flags.html, reportHtml(report, programName));
    if (flags.json !== undefined) writeWhole(flags.json, jsonText(report, 2));
    process.stdout.write(answer(report, flags));
  } finally {
    close();
  }
}

/** The sentence that says it all, and what was written. */
function answer({ verdict, dump }: Report, { html, json }: ReportFlags): string {
  const written = [html, json].filter((path) => path !== undefined);
  const note = dump.path === redactedPath ? ', without what identifies a person or machine' : '';
  return printable(verdict.summary) + written.map((path) => `\n  ${printable(path)}${note}`).join('') + '\n';
}
