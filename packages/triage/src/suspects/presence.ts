import { logGamma } from './beta.ts';
import type { Presence } from './result.ts';

/** Machines with something, out of all, among those with certain crashes and among the others. */
export interface Counts {
  readonly casesWith: number;
  readonly cases: number;
  readonly othersWith: number;
  readonly others: number;
}

/** Half of the width of a 95 % interval, in standard deviations. */
const z95 = 1.96;
/** What is added to each count, so that none is 0 (the Haldane-Anscombe correction). */
const half = 0.5;
/** Before anything is counted, most odds ratios are taken to be between 1/19 and 19: two deviations of this. */
const usualDeviation = 1.5;

/**
 * The logarithm of the odds ratio, drawn to 0 as far as few machines leave it open. The plain one has about a normal distribution
 * with the variance 1/a + 1/b + 1/c + 1/d; with a normal prior around 0 its posterior is normal too, with the mean
 * weighted by the two precisions (semi-Bayes shrinkage; Greenland, Principles of multilevel modelling).
 */
export function shrunkLogOdds({ casesWith, cases, othersWith, others }: Counts): {
  readonly mean: number;
  readonly deviation: number;
} {
  const cells = [casesWith, cases - casesWith, othersWith, others - othersWith].map((count) => count + half);
  const [a, b, c, d] = cells as [number, number, number, number];
  const variance = cells.reduce((sum, cell) => sum + 1 / cell, 0);
  const prior = usualDeviation ** 2;
  return {
    mean: (Math.log((a * d) / (b * c)) * prior) / (prior + variance),
    deviation: Math.sqrt((prior * variance) / (prior + variance)),
  };
}

/**
 * Fisher's exact test, one-sided: how likely so many cases with it are when it has nothing to do with being a case. 1 where there
 * is nobody to compare with.
 */
export function fisher({ casesWith, cases, othersWith, others }: Counts): number {
  const withIt = casesWith + othersWith;
  const all = cases + others;
  const most = Math.min(cases, withIt);
  const ways = logChoose(all, cases);
  let sum = 0;
  for (let x = casesWith; x <= most; x++)
    sum += Math.exp(logChoose(withIt, x) + logChoose(all - withIt, cases - x) - ways);
  return Math.min(1, sum);
}

const logChoose = (n: number, k: number): number =>
  k < 0 || k > n ? Number.NEGATIVE_INFINITY : logFactorial(n) - logFactorial(k) - logFactorial(n - k);

/** Those that were needed, up to a number that keeps the table small. */
const factorials: number[] = [0];
const mostFactorials = 100_000;

function logFactorial(n: number): number {
  if (n >= mostFactorials) return logGamma(n + 1);
  for (let next = factorials.length; next <= n; next++)
    factorials.push(factorials[next - 1]! + Math.log(next));
  return factorials[n]!;
}

/**
 * For each p the least false discovery rate at which it is accepted (Benjamini and Hochberg, 1995): with the p in ascending order,
 * q of the i-th is the least p·m/j of all j from i on.
 */
export function discoveryRates(ps: readonly number[]): number[] {
  const order = ps.map((_, index) => index).sort((one, other) => ps[one]! - ps[other]!);
  const rates = new Array<number>(ps.length);
  let least = 1;
  for (let rank = order.length; rank > 0; rank--) {
    const index = order[rank - 1]!;
    least = Math.min(least, (ps[index]! * ps.length) / rank);
    rates[index] = least;
  }
  return rates;
}

export function presenceOf(counts: Counts, q: number): Presence {
  const { mean, deviation } = shrunkLogOdds(counts);
  return {
    ...counts,
    logOdds: mean,
    from: mean - z95 * deviation,
    to: mean + z95 * deviation,
    p: fisher(counts),
    q,
  };
}
