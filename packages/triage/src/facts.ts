import { createHash } from 'node:crypto';
import type { Analysis, Report, SignatureInput, SignaturePart } from '@poolscope/engine';
import { pack, unpack } from './store/packing.ts';

/** A driver and which one of its name: time stamp and size of its image, as symbol stores tell images apart. */
export type DriverVersion = readonly [image: string, version: string];

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
  readonly drivers: readonly DriverVersion[];
  /** A guess at the machine, by its drivers, processors and system. */
  readonly machine: string;
}

/** What is kept of a dump. The verdict of the input is that of the report. */
export interface StoredReport {
  readonly report: Report;
  readonly signatureParts: readonly SignaturePart[];
  readonly signatureInput: Omit<SignatureInput, 'verdict'>;
}

export function factsOf({ dump, bugcheck, verdict, signature, modules }: Report): Facts {
  const drivers = driversOf(modules);
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
    tag: verdict.block?.tag ?? null,
    suspect: verdict.suspects[0]?.module.toLowerCase() ?? null,
    drivers,
    machine: machineGuess(dump, drivers),
  };
}

/** Each image once, in the order of names. */
function driversOf(modules: Report['modules']): DriverVersion[] {
  const found = new Map<string, string>();
  for (const { image, timestamp, size } of modules) {
    const stamp = (timestamp ?? '0x?').slice(2).padStart(8, '0');
    found.set(image.toLowerCase(), `${stamp}-${size.toString(16)}`);
  }
  return [...found].sort(([one], [other]) => (one < other ? -1 : 1));
}

/** Machines with the same drivers look like one, and one with another driver today like another. */
function machineGuess({ machine, processors }: Report['dump'], drivers: readonly DriverVersion[]): string {
  const names = drivers.map(([image]) => image).join(' ');
  return `drivers-${digest(`${machine} ${processors ?? '?'} ${names}`).slice(0, 12)}`;
}

export const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

export const packReport = ({ report, signatureParts, signatureInput }: Analysis): Uint8Array => {
  const { verdict: _, ...input } = signatureInput;
  return pack({ report, signatureParts, signatureInput: input } satisfies StoredReport);
};

export const unpackReport = (body: Uint8Array): StoredReport => unpack<StoredReport>(body);

/** What rules of signatures are applied to. */
export const inputOf = ({ report, signatureInput }: StoredReport): SignatureInput => ({
  ...signatureInput,
  verdict: report.verdict,
});
