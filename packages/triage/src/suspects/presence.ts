import { type Beta, digamma, logGamma, trigamma } from './beta.ts';
import type { Presence } from './result.ts';

/** Machines with something, out of all, among those with certain crashes and among the others. */
export interface Counts {
  readonly casesWith: number;
  readonly cases: number;
  readonly othersWith: number;
  readonly others: number;
}

/** What is added to each count at least (Haldane and Anscombe). */
const leastCount = 0.5;
/** Half of the width of a 95 % interval, in standard deviations. */
const z95 = 1.96;

/**
 * The logarithm of the odds ratio with both shares drawn to what drivers of this fleet usually have. With Beta posteriors
 * (a + x, b + n - x) the log odds have mean ψ(a + x) - ψ(b + n - x) and variance ψ'(a + x) + ψ'(b + n - x); few machines
 * leave the difference near 0 and the interval wide.
 */
export function shrunkLogOdds(
  { casesWith, cases, othersWith, others }: Counts,
  prior: Beta,
): { readonly mean: number; readonly deviation: number } {
  // One prior for both: that of this driver, by all machines, at the weight of the fleet's.
  const weight = prior.a + prior.b;
  const all = cases + others;
  const share = (casesWith + othersWith + prior.a) / (all + weight);
  const [a, b] = [Math.max(leastCount, share * weight), Math.max(leastCount, (1 - share) * weight)];
  const logit = (x: number, n: number) => digamma(a + x) - digamma(b + n - x);
  const variance = (x: number, n: number) => trigamma(a + x) + trigamma(b + n - x);
  return {
    mean: logit(casesWith, cases) - logit(othersWith, others),
    deviation: Math.sqrt(variance(casesWith, cases) + variance(othersWith, others)),
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

export function presenceOf(counts: Counts, prior: Beta, q: number): Presence {
  const { mean, deviation } = shrunkLogOdds(counts, prior);
  return {
    ...counts,
    logOdds: mean,
    from: mean - z95 * deviation,
    to: mean + z95 * deviation,
    p: fisher(counts),
    q,
  };
}
