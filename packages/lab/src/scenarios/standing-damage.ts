import type { ScenarioDamage } from '../machine/scenario-truth.ts';

/** Damage as it is when the machine has stopped. */
export interface StandingDamage {
  readonly damage: ScenarioDamage;
  /** Nothing of what was written is left: others have written over all of it. */
  readonly isGone: boolean;
}

const pointerSize = 8;
/** Fewer bytes than these are by chance what they were, or because the addresses of a machine begin alike. */
const fewestAlike = 4;

/**
 * Damage without what others have written over at its ends since. A pointer stands as a whole or not at all. `then`: the bytes
 * that were written; `now`: those that are there. `isRewritten`: the allocator writes into headers that it takes for its own,
 * so that what is between the ends may be changed too.
 */
export function standingDamage(
  damage: ScenarioDamage,
  then: Uint8Array,
  now: readonly (number | undefined)[],
  isRewritten: boolean,
): StandingDamage {
  const stands = standingBytes(damage, then, now);
  const [first, last] = [stands.indexOf(true), stands.lastIndexOf(true)];
  if (first < 0) return { damage, isGone: true };
  const isWhole = !isRewritten || stands.every((each, index) => index < first || index > last || each);
  if (first === 0 && last === then.length - 1 && isWhole) return { damage, isGone: false };
  const { text: _, ...others } = damage;
  const pattern = isWhole ? damage.pattern : 'mixed';
  const start = damage.start + BigInt(first);
  return { damage: { ...others, pattern, start, length: last - first + 1 }, isGone: false };
}

function standingBytes(
  { start, pattern }: ScenarioDamage,
  then: Uint8Array,
  now: readonly (number | undefined)[],
): boolean[] {
  const same = Array.from(then, (byte, index) => byte === now[index]);
  const isLeft = longestRun(same) >= Math.min(fewestAlike, same.length);
  if (!isLeft) return same.map(() => false);
  if (pattern !== 'pointers') return same;
  const wordOf = (index: number): number => Math.floor((Number(start & 7n) + index) / pointerSize);
  const changed = new Set(same.flatMap((each, index) => (each ? [] : [wordOf(index)])));
  return same.map((_, index) => !changed.has(wordOf(index)));
}

function longestRun(all: readonly boolean[]): number {
  let [longest, run] = [0, 0];
  for (const each of all) {
    run = each ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}
