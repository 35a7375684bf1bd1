import type { Report } from '@poolscope/engine';
import type { ScenarioTruth } from '@poolscope/lab';

/**
 * How a field of a verdict compares with the truth.
 * - `exact`: all of it, or nothing where nothing is
 * - `partial`: what it says is right, and it leaves something open
 * - `open`: it says nothing, and there is something
 * - `wrong`: it says something else, or something where nothing is
 */
export type Mark = 'exact' | 'partial' | 'open' | 'wrong';

export interface Score {
  /** `open`: the verdict is `unknown`. */
  readonly kind: Mark;
  readonly block: Mark;
  readonly damage: Mark;
  readonly victims: Mark;
  readonly freedAddress: Mark;
  /** Is the true culprit the first suspect? `open`: nobody is suspected, and somebody did it. */
  readonly culprit: Mark;
}

export const scoredFields = ['kind', 'block', 'damage', 'victims', 'freedAddress', 'culprit'] as const;

type Verdict = Report['verdict'];

/** Parts of a finding or of a verdict that can be compared. */
export type Claims = Pick<Verdict, 'kind' | 'block' | 'damage' | 'victims'> & {
  readonly freedAddress: string | null;
};

export function scoreVerdict(verdict: Verdict, truth: ScenarioTruth): Score {
  return { ...scoreClaims(verdict, truth), culprit: culpritMark(verdict.suspects[0]?.module, truth) };
}

export function scoreClaims(claims: Claims, truth: ScenarioTruth): Omit<Score, 'culprit'> {
  return {
    kind: claims.kind === truth.kind ? 'exact' : claims.kind === 'unknown' ? 'open' : 'wrong',
    block: compare(claims.block, truth.block && blockParts(truth.block)),
    damage: damageMark(claims.damage, truth.damage),
    victims: compareAll(claims.victims, truth.victims),
    freedAddress: compareOne(
      claims.freedAddress,
      truth.freedAddress === undefined ? undefined : hex(truth.freedAddress),
    ),
  };
}

/** Right as calibration counts it: the kind, and the block where one is named. */
export function isRight(claims: Claims, truth: ScenarioTruth): boolean {
  const { kind, block } = scoreClaims(claims, truth);
  const isElsewhere =
    block === 'wrong' && truth.block !== undefined && claims.block?.address !== hex(truth.block.address);
  return kind === 'exact' && !isElsewhere;
}

/** Parts of the block that a verdict names and leaves open. */
export function openOfBlock({ block }: Claims, truth: ScenarioTruth): string[] {
  if (block === null || truth.block === undefined) return [];
  const said = block as unknown as Parts;
  return Object.keys(blockParts(truth.block)).filter((name) => (said[name] ?? null) === null);
}

const hex = (va: bigint): string => `0x${va.toString(16)}`;

type Parts = Readonly<Record<string, string | number | null>>;

const blockParts = ({
  address,
  size,
  tag,
  allocator,
  state,
}: NonNullable<ScenarioTruth['block']>): Parts => ({
  address: hex(address),
  size,
  // A freed block has the tag of its last owner, or none that is known.
  ...(tag === 'Free' ? {} : { tag: tag.trimEnd() }),
  allocator,
  state,
});

/**
 * Bytes at the ends of a write that were so before are damage to one who sees the write, and none to one who compares bytes:
 * a verdict may count them or not.
 */
function damageMark(said: Claims['damage'], truth: ScenarioTruth['damage']): Mark {
  if (said === null || truth === undefined) return compare(said, truth && {});
  const { start, length, written = { start, length } } = truth;
  const begins = BigInt(said.start);
  if (begins < written.start || begins > start) return 'wrong';
  if (said.length === null) return 'partial';
  const [end, changed, all] = [
    begins + BigInt(said.length),
    start + BigInt(length),
    written.start + BigInt(written.length),
  ];
  return end >= changed && end <= all ? 'exact' : 'wrong';
}

/** A structure against the parts of it that are compared. */
function compare(said: object | null, truth: Parts | undefined): Mark {
  if (said === null) return truth === undefined ? 'exact' : 'open';
  if (truth === undefined) return 'wrong';
  const marks = new Set(
    Object.entries(truth).map(([name, value]) => {
      const part = (said as Parts)[name] ?? null;
      return compareOne(typeof part === 'string' ? part.trimEnd() : part, value ?? undefined);
    }),
  );
  return marks.has('wrong') ? 'wrong' : marks.has('open') ? 'partial' : 'exact';
}

function compareOne(said: string | number | null, truth: string | number | undefined): Mark {
  if (said === null) return truth === undefined ? 'exact' : 'open';
  return said === truth ? 'exact' : 'wrong';
}

/** The blocks in their order: fewer than there are is open. */
function compareAll(said: Claims['victims'], truth: ScenarioTruth['victims']): Mark {
  if (said.length > truth.length) return 'wrong';
  if (said.length < truth.length && said.length === 0) return 'open';
  const marks = new Set(
    said.map((victim, index) => {
      const { address, size, state } = truth[index]!;
      return compare(victim, { address: hex(address), size, state });
    }),
  );
  if (marks.has('wrong')) return 'wrong';
  return marks.has('partial') || said.length < truth.length ? 'partial' : 'exact';
}

/** Nobody to name, and nobody named, is right; to accuse somebody there is wrong. */
function culpritMark(first: string | undefined, { culprit }: ScenarioTruth): Mark {
  return compareOne(first ?? null, culprit);
}
