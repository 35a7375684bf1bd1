import type { Report, Verdict } from './report.ts';

/** Stands for the file: even its name may be that of a person or machine. */
export const redactedPath = 'redacted';

/**
 * The report without what can identify a person or machine: the path of the file, the process name, and memory contents: the
 * text of damage, its bytes, and what sentences quote of it. Module file names stay, they are what a crash is about.
 */
export function redact(report: Report): Report {
  return {
    ...report,
    dump: { ...report.dump, path: redactedPath },
    system: { ...report.system, process: null },
    verdict: redactVerdict(report.verdict),
  };
}

function redactVerdict(verdict: Verdict): Verdict {
  const { damage, picture } = verdict;
  return {
    ...verdict,
    summary: unquoted(verdict.summary),
    damage: damage === null ? null : { ...damage, text: null },
    suspects: verdict.suspects.map((suspect) => ({ ...suspect, because: suspect.because.map(unquoted) })),
    evidence: verdict.evidence.map(({ claim, command }) => ({
      claim: unquoted(claim),
      command: unquoted(command),
    })),
    picture: picture === null ? null : { ...picture, bytes: null },
  };
}

/** In sentences of the verdict only memory contents stand in quotation marks. */
const unquoted = (text: string): string => text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '"..."');
