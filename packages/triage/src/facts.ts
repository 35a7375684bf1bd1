import { createHash } from 'node:crypto';
import type { Analysis, Report, SignatureInput, SignaturePart } from '@poolscope/engine';
import { pack, unpack } from './store/packing.ts';
import { type LoadedDriver, rowOfReport } from './suspects/index.ts';

/** What the store keeps of a report in columns: what is searched, counted and compared. */
export interface Facts {
  readonly signature: string;
  readonly kind: string;
  readonly confidence: number;
  readonly summary: string;
  readonly bugcheck: string;
  readonly bugcheckName: string;
  readonly build: number;
  readonly arch: string;
  readonly format: string;
  readonly crashTime: string | null;
  readonly tag: string | null;
  /** The first suspect of the report, however likely. */
  readonly suspect: string | null;
  readonly drivers: readonly LoadedDriver[];
  /** What else comparisons of dumps need. */
  readonly hints: Hints;
  /** A guess at the machine, by its drivers, processors and system. */
  readonly machine: string;
}

/** Of the dump alone: suspects, tags of blocks, bytes that can recur. */
export interface Hints {
  readonly suspects: readonly { readonly module: string; readonly score: number }[];
  readonly tags: readonly string[];
  readonly payload: string | null;
}

/** What is kept of a dump. The verdict of the input is that of the report. */
export interface StoredReport {
  readonly report: Report;
  readonly signatureParts: readonly SignaturePart[];
  readonly signatureInput: Omit<SignatureInput, 'verdict'>;
}

/** What the store keeps of a report beside it, to search and to count by. */
export function factsOf(report: Report): Facts {
  const { dump, bugcheck, verdict, signature } = report;
  const { drivers, suspects, tags, payload } = rowOfReport(report, { id: '', machine: null });
  return {
    signature,
    kind: verdict.kind,
    confidence: verdict.confidence,
    summary: verdict.summary,
    bugcheck: bugcheck.code,
    bugcheckName: bugcheck.name,
    build: dump.build,
    arch: dump.machine,
    format: dump.format,
    crashTime: dump.crashTime,
    tag: tags[0] ?? null,
    suspect: suspects[0]?.module ?? null,
    drivers: [...drivers].sort((one, other) => (one.module < other.module ? -1 : 1)),
    hints: { suspects, tags, payload },
    machine: machineGuess(dump, drivers),
  };
}

/** Machines with the same drivers look like one, and one with another driver today like another. */
function machineGuess({ machine, processors }: Report['dump'], drivers: readonly LoadedDriver[]): string {
  const names = drivers.map(({ module }) => module).join(' ');
  return `drivers-${digest(`${machine} ${processors ?? '?'} ${names}`).slice(0, 12)}`;
}

export const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A report as the store keeps it: packed JSON. */
export const packReport = ({ report, signatureParts, signatureInput }: Analysis): Uint8Array => {
  const { verdict: _, ...input } = signatureInput;
  return pack({ report, signatureParts, signatureInput: input } satisfies StoredReport);
};

/** A report out of the store. */
export const unpackReport = (body: Uint8Array): StoredReport => unpack(body) as StoredReport;

/** What rules of signatures are applied to. */
export const inputOf = ({ report, signatureInput }: StoredReport): SignatureInput => ({
  ...signatureInput,
  verdict: report.verdict,
});
