import type { CaseResult } from './cases.ts';
import type { Score } from './score.ts';

/** Of so many cases so many are right. */
export interface Share {
  readonly right: number;
  readonly of: number;
}

export const percent = ({ right, of }: Share): number => (of === 0 ? 100 : (right / of) * 100);

const share = (results: readonly CaseResult[], isGood: (result: CaseResult) => boolean): Share => ({
  right: results.filter(isGood).length,
  of: results.length,
});

/** What a group of verdicts comes to. */
export interface Tally {
  readonly cases: number;
  readonly kind: Share;
  /** Of block, damage, victims and address the scenarios about pool. */
  readonly block: Share;
  readonly damage: Share;
  readonly victims: Share;
  readonly freedAddress: Share;
  /** First among the suspects, where somebody did it and the dump can tell who. */
  readonly culprit: Share;
  /** Said nothing of the kind. */
  readonly unknown: number;
  /** Milliseconds of the middle verdict and of the slowest. */
  readonly middle: number;
  readonly slowest: number;
}

/** When a field counts as right. */
export type Rule = (result: CaseResult, field: keyof Score) => boolean;

export const isExact: Rule = ({ score }, field) => score[field] === 'exact';

/** Exact, or left open where the dump does not tell it: of a block that is told perhaps its tag, or its state at that time. */
export const isTold: Rule = ({ score, knowable, openOfBlock }, field) => {
  if (score[field] === 'exact' || score[field] === 'wrong') return score[field] === 'exact';
  if (field === 'block' && score.block === 'partial' && openOfBlock.every(isPart))
    return openOfBlock.every((part) => !knowable[`block.${part as 'tag' | 'state'}`]);
  return !knowable[field === 'culprit' ? 'suspects' : field];
};

const isPart = (part: string): boolean => part === 'tag' || part === 'state';

/** What a small dump leaves out may be left open. */
export const isNotWrong: Rule = ({ score }, field) => score[field] !== 'wrong';

export function tally(results: readonly CaseResult[], rule: Rule = isExact): Tally {
  const pool = results.filter(({ isPool }) => isPool);
  const times = results.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
  const good = (field: keyof Score) => (result: CaseResult) => rule(result, field);
  return {
    cases: results.length,
    kind: share(results, good('kind')),
    block: share(pool, good('block')),
    damage: share(pool, good('damage')),
    victims: share(pool, good('victims')),
    freedAddress: share(pool, good('freedAddress')),
    culprit: share(
      results.filter(({ hasCulprit, knowable }) => hasCulprit && knowable.suspects),
      good('culprit'),
    ),
    unknown: results.filter(({ kind }) => kind === 'unknown').length,
    middle: times[times.length >> 1] ?? 0,
    slowest: times.at(-1) ?? 0,
  };
}

/** From this confidence on a wrong kind is a false accusation. */
export const confident = 0.5;

export const isConfidentlyWrong = ({ score, confidence }: CaseResult): boolean =>
  score.kind === 'wrong' && confidence >= confident;

/** A pool verdict where pool is whole. */
export const isFalsePoolVerdict = ({ isPool, kind }: CaseResult): boolean =>
  !isPool && kind !== 'not-pool' && kind !== 'unknown';

export const isTriage = ({ dump }: CaseResult): boolean => dump === 'triage';

/** One line of what has to hold. `share` of a count that must be zero: how many are good. */
export interface Threshold {
  readonly what: string;
  readonly least: number;
  readonly share: Share;
}

/** The lines that verdicts have to hold: shares in percent. */
export function thresholds(results: readonly CaseResult[]): Threshold[] {
  const whole = tally(
    results.filter((result) => !isTriage(result)),
    isTold,
  );
  const small = tally(results.filter(isTriage), isNotWrong);
  const healthy = results.filter(({ isPool }) => !isPool);
  return [
    { what: 'full and kernel dumps: kind', least: 97, share: whole.kind },
    { what: 'full and kernel dumps: block', least: 95, share: whole.block },
    { what: 'full and kernel dumps: damage', least: 95, share: whole.damage },
    { what: 'full and kernel dumps: culprit first', least: 92, share: whole.culprit },
    {
      what: 'healthy pool: no pool verdict',
      least: 100,
      share: share(healthy, (each) => !isFalsePoolVerdict(each)),
    },
    {
      what: 'triage dumps: never wrong with confidence',
      least: 100,
      share: share(results.filter(isTriage), (each) => !isConfidentlyWrong(each)),
    },
    { what: 'triage dumps: block right or open', least: 95, share: small.block },
    { what: 'triage dumps: damage right or open', least: 95, share: small.damage },
  ];
}

export const holds = ({ share: found, least }: Threshold): boolean => percent(found) >= least;

/** Of the dumps that can tell a field those of which it is told exactly. */
export function toldOf(results: readonly CaseResult[]): readonly (readonly [string, Share])[] {
  const fields = [
    ['kind', 'kind'],
    ['block', 'block'],
    ['damage', 'damage'],
    ['victims', 'victims'],
    ['freedAddress', 'freedAddress'],
    ['culprit', 'suspects'],
  ] as const;
  return fields.map(([field, known]) => {
    const able = results.filter(({ knowable }) => knowable[known]);
    return [field, share(able, (result) => isExact(result, field))];
  });
}
