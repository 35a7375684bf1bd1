import type { Report } from '@poolscope/engine';

export type CrashKind = Report['verdict']['kind'];

/** A driver as it was loaded. */
export interface LoadedDriver {
  /** File name in lower case. */
  readonly module: string;
  /**
   * What tells its builds apart, the same for the same file on all machines: time stamp and size of the image as a symbol
   * server writes them, because small dumps hold no version. Null: the dump does not tell.
   */
  readonly version: string | null;
}

/** What one dump tells the fleet. Plain data: a store may keep it as JSON. */
export interface CrashRow {
  /** Of the dump, unlike all others. */
  readonly id: string;
  /** Bucket or signature. */
  readonly bucket: string;
  /** Null: not known; the dump is then taken for one of a machine of its own. */
  readonly machine: string | null;
  /** ISO 8601, UTC. */
  readonly time: string | null;
  /** Of Windows. */
  readonly build: number;
  readonly kind: CrashKind;
  /** Of the kind, 0 to 1. */
  readonly confidence: number;
  /** Of the dump alone, best first. */
  readonly suspects: readonly { readonly module: string; readonly score: number }[];
  /** Without kernel and HAL. */
  readonly drivers: readonly LoadedDriver[];
  /** Tags of the blocks that the damage came out of, or that were misused. */
  readonly tags: readonly string[];
  /** The damaging bytes, where they have a form that can recur; see `payloadOf`. */
  readonly payload: string | null;
}

/** A machine that is known to be in the fleet, whether or not it has crashed. */
export interface FleetMachine {
  readonly machine: string;
  readonly drivers: readonly LoadedDriver[];
}

export interface RowFacts {
  readonly id: string;
  /** The report's signature when absent. */
  readonly bucket?: string;
  readonly machine: string | null;
}

/** The row of a report. */
export function rowOfReport(report: Report, { id, bucket, machine }: RowFacts): CrashRow {
  const { verdict, dump, modules } = report;
  const tag = verdict.block?.tag?.trimEnd() ?? '';
  return {
    id,
    bucket: bucket ?? report.signature,
    machine,
    time: dump.crashTime,
    build: dump.build,
    kind: verdict.kind,
    confidence: verdict.confidence,
    suspects: verdict.suspects.map(({ module, score }) => ({ module: module.toLowerCase(), score })),
    drivers: driversOf(modules),
    tags: tag === '' ? [] : [tag],
    payload: payloadOf(verdict.damage),
  };
}

/** The kernel and the HAL are on every machine, and report what others did. */
const isKernel = ({ name, image }: Report['modules'][number]): boolean =>
  name === 'nt' || name === 'hal' || /^(?:nt(?:oskrnl|kr\w+)\.exe|hal\w*\.dll)$/i.test(image);

function driversOf(modules: Report['modules']): LoadedDriver[] {
  const drivers = new Map<string, LoadedDriver>();
  for (const each of modules) {
    const module = each.image.toLowerCase();
    if (isKernel(each) || module === '') continue;
    const { timestamp, size } = each;
    const version = timestamp === null ? null : `${timestamp.slice(2).padStart(8, '0')}-${size.toString(16)}`;
    if (!drivers.has(module)) drivers.set(module, { module, version });
  }
  return [...drivers.values()];
}

/** Texts this long or longer are compared by their beginning. */
const longest = 32;
/** Shorter ones are the same by chance. */
const shortest = 6;

/**
 * What of the damage can be the same in other dumps: its text, without numbers, which differ from time to time; null for zeros,
 * fills and bits, which any driver may write.
 */
export function payloadOf(
  damage: Pick<NonNullable<Report['verdict']['damage']>, 'text'> | null,
): string | null {
  const text = damage?.text?.replaceAll(/\d+/g, '#').slice(0, longest) ?? '';
  return text.length < shortest ? null : text;
}
