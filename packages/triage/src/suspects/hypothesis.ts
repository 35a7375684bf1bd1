import type { Beta } from './beta.ts';
import { digamma, trigamma } from './beta.ts';

/** Machines with crashes, seen by one hypothesis: that a certain driver is guilty. */
export interface Seen {
  /** Those that have it: the factor by which their dumps speak for it, and how much of them is not explained otherwise. */
  readonly having: readonly { readonly odds: number; readonly weight: number }[];
  /** The weight of those that have it not. */
  readonly lacking: number;
}

/** Machines without such crashes that have the driver, and all of them. */
export interface Others {
  readonly othersWith: number;
  readonly others: number;
}

export interface Judged {
  /** Logarithm of the Bayes factor against "it has nothing to do with it". */
  readonly factor: number;
  /** Where the driver is likeliest: its share of the crashing machines, and of all others. */
  readonly blame: number;
  readonly share: number;
}

/** Of the crashing machines the guilty driver is to blame for one of these shares, each as likely as the others. */
const blames = [0.12, 0.3, 0.5, 0.7, 0.9, 0.98];
/** A driver that is on hardly any other machine may come with what really is special about this one. */
const leastShare = 0.08;
const points = 24;
/** How far the grid reaches, in standard deviations. */
const reach = 3.5;

/**
 * The crashing machines as a mixture: a share λ of them crashed by the driver and therefore has it, the rest is as all machines are
 * and has it with probability π. Each machine gives the factor
 *
 *     λ·[has it]·e^evidence + (1 - λ)·π^[has it]·(1 - π)^[has it not]
 *
 * against π^[has it]·(1 - π)^[has it not]. λ is summed over a grid; π is integrated over its Beta posterior by the other machines.
 */
export function judge(seen: Seen, others: Others, prior: Beta): Judged {
  const without: number[] = [];
  const withIt: number[] = [];
  let best = { value: Number.NEGATIVE_INFINITY, blame: 0, share: 0 };
  for (const { share, log } of shareGrid(seen, others, prior)) {
    without.push(log + sumOf(seen, share, 0));
    for (const blame of blames) {
      const value = log + sumOf(seen, share, blame);
      withIt.push(value);
      if (value > best.value) best = { value, blame, share };
    }
  }
  const { blame, share } = best;
  return { factor: logSum(withIt) - Math.log(blames.length) - logSum(without), blame, share };
}

/** Chance that a machine that has the driver crashed by it, if it is guilty at all. */
export function blameFor(evidence: number, { blame, share }: Judged): number {
  const own = blame * Math.exp(evidence);
  return own / (own + (1 - blame) * share);
}

function sumOf({ having, lacking }: Seen, share: number, blame: number): number {
  let sum = lacking * Math.log((1 - blame) * (1 - share));
  for (const { odds, weight } of having) sum += weight * Math.log(blame * odds + (1 - blame) * share);
  return sum;
}

/** Points between the shares that are likely by the other machines and by all of them, with the logarithm of their weight. */
function shareGrid(
  { having, lacking }: Seen,
  { othersWith, others }: Others,
  { a, b }: Beta,
): { share: number; log: number }[] {
  const withIt = having.reduce((sum, { weight }) => sum + weight, 0);
  const [x, y] = [a + othersWith, b + others - othersWith];
  const ends = [logitOf(x, y), logitOf(x + withIt, y + lacking)];
  const from = Math.max(-12, Math.min(...ends.map(({ centre, deviation }) => centre - reach * deviation)));
  const to = Math.min(12, Math.max(...ends.map(({ centre, deviation }) => centre + reach * deviation)));
  return Array.from({ length: points }, (_, index) => {
    const logit = from + ((to - from) * (index + 0.5)) / points;
    const share = 1 / (1 + Math.exp(-logit));
    // dπ = π(1 - π)·dlogit
    const log = x * Math.log(share) + y * Math.log1p(-share);
    return { share: Math.max(leastShare, share), log };
  });
}

/** Mean and deviation of the logit of a share with a Beta distribution. */
const logitOf = (a: number, b: number): { centre: number; deviation: number } => ({
  centre: digamma(a) - digamma(b),
  deviation: Math.sqrt(trigamma(a) + trigamma(b)),
});

export function logSum(values: readonly number[]): number {
  const most = Math.max(...values);
  if (most === Number.NEGATIVE_INFINITY) return most;
  return most + Math.log(values.reduce((sum, value) => sum + Math.exp(value - most), 0));
}
