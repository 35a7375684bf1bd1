import { type Analysis, analyzePage, DebuggerError, type Line, redactedPath } from '@poolscope/engine';
import { exitCode } from './exit-code.ts';
import { jsonText } from './json-text.ts';
import { type FileOptions, openFile } from './open-file.ts';
import { programName } from './program-name.ts';
import { printable, renderLines } from './render.ts';
import { screenColumns } from './screen-columns.ts';
import { openSymbolSource } from './symbols/symbol-options.ts';

export interface AnalyzeFlags extends FileOptions {
  readonly json?: boolean;
  readonly redact?: boolean;
  readonly explainSignature?: boolean;
  readonly color: boolean;
}

/** Analyzes each file in turn; one that cannot be read does not stop the others. */
export async function runAnalyze(files: readonly string[], flags: AnalyzeFlags): Promise<void> {
  const symbols = openSymbolSource(flags);
  let first = true;
  for (const file of files) {
    try {
      const { session, close } = await openFile(file, { symbols, pooltags: flags.pooltags });
      try {
        const analysis = session.analyze({ redact: flags.redact === true });
        process.stdout.write(
          flags.json === true ? reportText(analysis, flags, files.length) : pageText(analysis, flags, first),
        );
        first = false;
      } finally {
        close();
      }
    } catch (error) {
      if (!(error instanceof DebuggerError)) throw error;
      const named = error.message.includes(file) ? error.message : `${file}: ${error.message}`;
      const text = flags.redact === true ? named.replaceAll(file, redactedPath) : named;
      process.stderr.write(`poolscope: ${printable(text)}\n  ${error.remedy}\n`);
      process.exitCode = exitCode.unreadable;
    }
  }
}

function reportText({ report, signatureParts }: Analysis, flags: AnalyzeFlags, fileCount: number): string {
  const value = flags.explainSignature === true ? { ...report, signatureParts } : report;
  return jsonText(value, fileCount > 1 ? undefined : 2);
}

function pageText(analysis: Analysis, flags: AnalyzeFlags, first: boolean): string {
  const signature: Line[] = flags.explainSignature === true ? signatureLines(analysis) : [];
  const columns = screenColumns();
  const page = analyzePage(analysis.report, {
    program: programName,
    ...(columns === undefined ? {} : { columns }),
  });
  return (first ? '' : '\n') + renderLines([...page, ...signature], process.stdout, flags.color);
}

function signatureLines({ report, signatureParts }: Analysis): Line[] {
  const parts = signatureParts.map(({ rule, value, why }): Line => [`  ${value.padEnd(44)} ${rule}: ${why}`]);
  return [[''], [`Signature  ${report.signature}`], ...parts];
}
