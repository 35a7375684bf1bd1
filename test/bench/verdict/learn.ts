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
import type { CaseResult } from './cases.ts';
import { fit, grouped } from './fit.ts';

/** Weights of both kinds. */
export interface Learned {
  readonly grounds: Weights;
  readonly suspects: Weights;
}

/** Stories of one scenario are alike: all seeds, builds and dumps of it together count as so many. */
const worthOfScenario = 8;

/** Weights from verdicts whose findings were recorded. */
export function learn(results: readonly CaseResult[]): Learned {
  const counts = new Map<string, number>();
  for (const { scenario } of results) counts.set(scenario, (counts.get(scenario) ?? 0) + 1);
  const weighted = <T extends { right: boolean }>(items: (result: CaseResult) => readonly T[]) =>
    results.flatMap((result) =>
      items(result).map((item) => ({ ...item, weight: worthOfScenario / counts.get(result.scenario)! })),
    );
  const findings = weighted(({ findings: all }) => all).map((item) => ({
    ...item,
    rules: ['bias', ...item.rules],
  }));
  const grounds = fit(
    grouped(findings),
    (weights, rules) =>
      chanceOfFinding(
        weights,
        rules.filter((rule) => rule !== 'bias'),
      ),
    { judged: judgedGrounds, spread: 0.75, limits: groundLimits },
  );
  const suspects = fit(grouped(weighted(({ reasons }) => reasons)), chanceOfGuilt, {
    judged: judgedSuspects,
    spread: 0.2,
    limits: () => [0.01, 0.98],
  });
  return { grounds, suspects };
}

/** Evidence for a finding does not speak against it; what was judged to speak against it does not speak for it. */
const groundLimits = (name: string): readonly [number, number] =>
  (judgedGrounds as Weights)[name]! < 0 ? [-4, 0] : [0, 5];

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
  /** The kind of scenario that the fitting did not see. */
  readonly family: string;
  readonly findings: readonly Said[];
  readonly suspects: readonly Said[];
}

/** For each kind of scenario: weights from the others, tried on it with other seeds. */
export function leaveOneOut(seen: readonly CaseResult[], unseen: readonly CaseResult[]): LeftOut[] {
  const families = [...new Set(unseen.map(({ truth }) => truth))].sort();
  return families.map((family) => ({
    family,
    ...saidWith(
      learn(seen.filter(({ truth }) => truth !== family)),
      unseen.filter(({ truth }) => truth === family),
    ),
  }));
}
