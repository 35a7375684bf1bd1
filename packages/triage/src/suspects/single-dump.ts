import type { FittedWeights } from './fitted.ts';
import type { Recurrence } from './result.ts';
import type { CrashRow } from './rows.ts';

/** What one dump says of its drivers, as factors on the odds that one of them is guilty. Logarithms; 0 says nothing. */
export interface DumpEvidence {
  readonly named: ReadonlyMap<string, number>;
  /** Of every driver that is not named. */
  readonly unnamed: number;
}

/** The scores of a dump leave at least this chance to what it does not name. */
const leastRest = 0.05;

/**
 * A score is the chance p that the driver did it, by the dump alone. Before the dump was read, each of its K drivers had the chance
 * 1/K: the factor is p·K, and for those that are not named what is left of 1, shared among them.
 */
export function dumpEvidence(
  { suspects, drivers }: Pick<CrashRow, 'suspects' | 'drivers'>,
  trust: number,
): DumpEvidence {
  const count = Math.max(drivers.length, suspects.length + 1);
  const sum = suspects.reduce((all, { score }) => all + score * trust, 0);
  if (sum === 0) return { named: new Map(), unnamed: 0 };
  const scale = sum > 1 - leastRest ? (1 - leastRest) / sum : 1;
  const rest = 1 - sum * scale;
  const named = new Map<string, number>();
  for (const { module, score } of suspects) {
    const p = Math.max(score * trust * scale, rest / count);
    named.set(module, Math.max(named.get(module) ?? Number.NEGATIVE_INFINITY, Math.log(p * count)));
  }
  return { named, unnamed: Math.log((rest * count) / (count - suspects.length)) };
}

/** A dump that names nobody says what others say whose damage looks the same, at less weight. */
export function borrowed(
  row: CrashRow,
  recurrences: ReadonlyMap<string, Recurrence>,
  { loan }: FittedWeights,
) {
  if (row.suspects.length > 0) return row.suspects;
  const lent = new Map<string, number>();
  for (const key of keysOf(row)) {
    const { module, named, crashes } = recurrences.get(key) ?? { module: null, named: 0, crashes: 0 };
    if (module === null || !row.drivers.some((each) => each.module === module)) continue;
    // One dump that names it is half as good as many.
    const score = loan * (named / (named + 1)) * Math.min(1, named / Math.max(1, crashes / 4));
    lent.set(module, Math.max(lent.get(module) ?? 0, score));
  }
  return [...lent].map(([module, score]) => ({ module, score }));
}

/** What of a row may recur in others. */
export const keysOf = ({ tags, payload }: CrashRow): string[] => [
  ...tags.map((tag) => keyOf('tag', tag)),
  ...(payload === null ? [] : [keyOf('payload', payload)]),
];

export const keyOf = (what: Recurrence['what'], value: string): string => `${what} ${value}`;
