import type { Hex, Report, Verdict } from './report.ts';

/** Stands for the file: even its name may be that of a person or machine. */
export const redactedPath = 'redacted';

/**
 * The report without what can identify a person or machine: the path of the file, the process name, and memory contents: the
 * text of damage, its bytes, and what sentences quote of it, values of registers that are text too. Module file names stay, they
 * are what a crash is about, and so do the parameters of the bug check.
 */
export function redact(report: Report): Report {
  const { fault } = report;
  return {
    ...report,
    dump: { ...report.dump, path: redactedPath },
    system: { ...report.system, process: null },
    fault: fault === null ? null : { ...fault, address: unlessContents(fault.address) },
    verdict: redactVerdict(report.verdict),
    warnings: report.warnings.map((warning) => ({ ...warning, message: withoutContents(warning.message) })),
  };
}

function redactVerdict(verdict: Verdict): Verdict {
  const { damage, picture } = verdict;
  return {
    ...verdict,
    summary: withoutContents(verdict.summary),
    damage: damage === null ? null : { ...damage, text: null },
    suspects: verdict.suspects.map((suspect) => ({
      ...suspect,
      because: suspect.because.map(withoutContents),
    })),
    evidence: verdict.evidence.map(({ claim, command }) => ({
      claim: withoutContents(claim),
      command: withoutContents(command),
    })),
    picture: picture === null ? null : { ...picture, bytes: null },
  };
}

/** In sentences of the verdict only memory contents stand in quotation marks; values of registers stand among the words. */
const withoutContents = (text: string): string =>
  text
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, '"..."')
    .replaceAll(/(?<![\w+])(?:0x)?([0-9a-f]{8,16})(?!\w)/g, (found, digits: string) =>
      isContents(digits) ? '...' : found,
    );

const unlessContents = (value: Hex | null): Hex | null =>
  value === null || isContents(value.slice(2)) ? null : value;

/** Addresses of 64 bits begin with bits that are all alike. */
const addressBits = 47;
/** Fewest letters among the bytes of a value that is text. */
const fewestLetters = 4;

/** Is a value something that was read, and no address? One with bytes that an address does not have, or letters alone. */
function isContents(digits: string): boolean {
  const value = BigInt(`0x${digits}`);
  const high = BigInt.asIntN(64, value) >> BigInt(addressBits);
  if (high !== 0n && high !== -1n) return true;
  const bytes = (digits.length % 2 === 0 ? digits : `0${digits}`).match(/../g) ?? [];
  const used = bytes.map((byte) => Number.parseInt(byte, 16)).filter((byte) => byte !== 0);
  return used.length >= fewestLetters && used.every((byte) => byte >= 0x20 && byte < 0x7f);
}
