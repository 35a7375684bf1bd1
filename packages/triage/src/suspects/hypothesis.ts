import type { Beta } from './beta.ts';
import { digamma, trigamma } from './beta.ts';

/** A machine with crashes of the scope, seen by one hypothesis: that a certain driver is guilty. */
export interface CaseMachine {
  readonly has: boolean;
  /** What its dumps say for the driver: the logarithm of a factor. */
  readonly evidence: number;
  /** How much of its crashes is not explained otherwise, 0 to 1. */
  readonly weight: number;
}

export interface Hypothesis {
  readonly cases: readonly CaseMachine[];
  /** Machines without such crashes that have the driver, and all of them. */
  readonly othersWith: number;
  readonly others: number;
}

export interface Judged {
  /** Logarithm of the Bayes factor against "it has nothing to do with it". */
  readonly factor: number;
  /** For each case the chance that the driver did it, if it is guilty at all. */
  readonly shares: readonly number[];
}

/** Of the crashing machines the guilty driver is to blame for one of these shares, each as likely as the others. */
const blames = [0.12, 0.3, 0.5, 0.7, 0.9, 0.98];
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
export function judge(hypothesis: Hypothesis, prior: Beta): Judged {
  const groups = grouped(hypothesis.cases);
  const grid = shareGrid(hypothesis, prior);
  const without: number[] = [];
  const withIt: number[] = [];
  let best = { value: Number.NEGATIVE_INFINITY, blame: 0, share: 0 };
  for (const { share, log } of grid) {
    without.push(log + sumOf(groups, share, 0));
    for (const blame of blames) {
      const value = log + sumOf(groups, share, blame);
      withIt.push(value);
      if (value > best.value) best = { value, blame, share };
    }
  }
  return {
    factor: logSum(withIt) - Math.log(blames.length) - logSum(without),
    shares: hypothesis.cases.map((each) => blameOf(each, best)),
  };
}

function blameOf({ has, evidence }: CaseMachine, { blame, share }: { blame: number; share: number }): number {
  if (!has) return 0;
  const own = blame * Math.exp(evidence);
  return own / (own + (1 - blame) * share);
}

interface Group {
  readonly has: boolean;
  readonly odds: number;
  weight: number;
}

/** Machines that say the same are counted together. */
function grouped(cases: readonly CaseMachine[]): Group[] {
  const groups = new Map<string, Group>();
  for (const { has, evidence, weight } of cases) {
    const step = Math.round(evidence * 20);
    const key = has ? `${step}` : 'no';
    const group = groups.get(key) ?? { has, odds: Math.exp(step / 20), weight: 0 };
    group.weight += weight;
    groups.set(key, group);
  }
  return [...groups.values()];
}

function sumOf(groups: readonly Group[], share: number, blame: number): number {
  let sum = 0;
  for (const { has, odds, weight } of groups) {
    const usual = has ? share : 1 - share;
    sum += weight * Math.log((has ? blame * odds : 0) + (1 - blame) * usual);
  }
  return sum;
}

/** Points between the shares that are likely by the other machines and by all of them, with the logarithm of their weight. */
function shareGrid(
  { cases, othersWith, others }: Hypothesis,
  { a, b }: Beta,
): { share: number; log: number }[] {
  const casesWith = cases.reduce((sum, { has, weight }) => sum + (has ? weight : 0), 0);
  const casesAll = cases.reduce((sum, { weight }) => sum + weight, 0);
  const [x, y] = [a + othersWith, b + others - othersWith];
  const ends = [
    [x, y],
    [x + casesWith, y + casesAll - casesWith],
  ].map(([with_, without]) => ({
    centre: digamma(with_!) - digamma(without!),
    deviation: Math.sqrt(trigamma(with_!) + trigamma(without!)),
  }));
  const from = Math.max(-12, Math.min(...ends.map(({ centre, deviation }) => centre - reach * deviation)));
  const to = Math.min(12, Math.max(...ends.map(({ centre, deviation }) => centre + reach * deviation)));
  return Array.from({ length: points }, (_, index) => {
    const logit = from + ((to - from) * (index + 0.5)) / points;
    const share = 1 / (1 + Math.exp(-logit));
    // dπ = π(1 - π)·dlogit
    return { share, log: x * Math.log(share) + y * Math.log(1 - share) };
  });
}

export function logSum(values: readonly number[]): number {
  const most = Math.max(...values);
  if (most === Number.NEGATIVE_INFINITY) return most;
  return most + Math.log(values.reduce((sum, value) => sum + Math.exp(value - most), 0));
}
