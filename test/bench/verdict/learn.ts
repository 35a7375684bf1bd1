import {
  chanceOfFinding,
  chanceOfGuilt,
  confidenceOf,
  judgedGrounds,
  judgedSuspects,
  suspicionOf,
  type Weights,
} from '../../../packages/engine/src/analyze/verdict/weights.ts';
import type { Said } from './calibration.ts';
import type { CaseResult, FindingRecord, SuspectRecord } from './cases.ts';
import { fit, grouped, type Sample } from './fit.ts';

/** Weights of both kinds. */
export interface Learned {
  readonly grounds: Weights;
  readonly suspects: Weights;
}

/** Stories of one scenario are alike: all seeds, builds and dumps of it together count as so many. */
const worthOfScenario = 8;

/**
 * Weights from verdicts whose findings were recorded. First one factor is fitted for all judged weights, which rules that no
 * sample has take part in; then each rule's distance from that.
 */
export function learn(results: readonly CaseResult[]): Learned {
  const counts = new Map<string, number>();
  for (const { scenario } of results) counts.set(scenario, (counts.get(scenario) ?? 0) + 1);
  const weighted = (items: (result: CaseResult) => readonly (FindingRecord | SuspectRecord)[]) =>
    grouped(
      results.flatMap((result) =>
        items(result).map((item) => ({ ...item, weight: worthOfScenario / counts.get(result.scenario)! })),
      ),
    );
  return {
    grounds: learnGrounds(weighted(({ findings }) => findings)),
    suspects: learnSuspects(weighted(({ reasons }) => reasons)),
  };
}

/** Samples that a parameter of all of them takes part in. */
const withRule = (samples: readonly Sample[], ...added: readonly string[]): Sample[] =>
  samples.map((sample) => ({ ...sample, rules: [...added, ...sample.rules] }));

const without = (rules: readonly string[], ...names: readonly string[]): string[] =>
  rules.filter((rule) => !names.includes(rule));

function learnGrounds(samples: readonly Sample[]): Weights {
  const scaled = ({ bias, factor }: Weights): Weights => ({
    ...Object.fromEntries(Object.entries(judgedGrounds).map(([name, value]) => [name, value * factor!])),
    bias: bias!,
  });
  const common = fit(
    withRule(samples, 'bias', 'factor'),
    (weights, rules) => chanceOfFinding(scaled(weights), without(rules, 'bias', 'factor')),
    {
      judged: { bias: judgedGrounds.bias, factor: 1 },
      spread: 0.5,
      limits: (name) => (name === 'bias' ? [-3, 0] : [0.5, 2]),
    },
  );
  const judged = scaled(common);
  return fit(
    withRule(samples, 'bias'),
    (weights, rules) => chanceOfFinding(weights, without(rules, 'bias')),
    {
      judged,
      spread: 0.5,
      limits: groundLimits,
      fixed: ['bias'],
    },
  );
}

function learnSuspects(samples: readonly Sample[]): Weights {
  const scaled = ({ factor }: Weights): Weights =>
    Object.fromEntries(
      Object.entries(judgedSuspects).map(([name, value]) => [name, 1 - (1 - value) ** factor!]),
    );
  const common = fit(
    withRule(samples, 'factor'),
    (weights, rules) => chanceOfGuilt(scaled(weights), without(rules, 'factor')),
    { judged: { factor: 1 }, spread: 0.5, limits: () => [0.5, 2] },
  );
  return fit(samples, chanceOfGuilt, { judged: scaled(common), spread: 0.1, limits: suspectLimits });
}

/** Evidence for a finding does not speak against it; what was judged to speak against it does not speak for it. */
const groundLimits = (name: string): readonly [number, number] =>
  (judgedGrounds as Weights)[name]! < 0 ? [-5, 0] : [0, 6];

/** The lab has few drivers: weak reasons do not become proofs because they happen to be right there. */
function suspectLimits(name: string): readonly [number, number] {
  const judged = (judgedSuspects as Weights)[name]!;
  return [judged / 4, Math.min(0.98, judged + (1 - judged) / 2)];
}

/** What verdicts would say with other weights: of findings the surest one of each dump, of suspects all. */
export function saidWith({ grounds, suspects }: Learned, results: readonly CaseResult[]) {
  const findings: Said[] = results.flatMap((result) => {
    const [best] = result.findings
      .map(({ rules, right }) => ({ probability: confidenceOf(rules, grounds), right }))
      .sort((a, b) => b.probability - a.probability);
    if (best !== undefined) return [best];
    return result.kind === 'unknown' ? [] : [{ probability: result.confidence, right: result.right }];
  });
  const accused: Said[] = results.flatMap(({ reasons }) =>
    reasons.map(({ rules, right }) => ({ probability: suspicionOf(rules, suspects), right })),
  );
  return { findings, suspects: accused };
}

export interface LeftOut {
  /** What the fitting did not see. */
  readonly family: string;
  /** How many scenarios are in it. */
  readonly scenarios: number;
  readonly findings: readonly Said[];
  readonly suspects: readonly Said[];
}

/** Which scenarios are variants of one story: one whose name begins with the whole name of another belongs to it. */
export function familiesOf(results: readonly CaseResult[]): (result: CaseResult) => string {
  const names = [...new Set(results.map(({ scenario }) => scenario))].sort((a, b) => a.length - b.length);
  return ({ scenario }) =>
    names.find((name) => name === scenario || scenario.startsWith(`${name}-`)) ?? scenario;
}

/** For each family: weights from the others, tried on it with other seeds. */
export function leaveOneOut(
  seen: readonly CaseResult[],
  unseen: readonly CaseResult[],
  familyOf: (result: CaseResult) => string,
): LeftOut[] {
  const families = [...new Set(unseen.map(familyOf))].sort();
  return families.map((family) => {
    const left = unseen.filter((result) => familyOf(result) === family);
    return {
      family,
      scenarios: new Set(left.map(({ scenario }) => scenario)).size,
      ...saidWith(learn(seen.filter((result) => familyOf(result) !== family)), left),
    };
  });
}
