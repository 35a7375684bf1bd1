import {
  saidConfidence,
  saidSuspicion,
  unlifted,
} from '../../../packages/engine/src/analyze/verdict/calibration.ts';
import type { Curve } from '../../../packages/engine/src/analyze/verdict/fitted.ts';
import { confidenceOf, suspicionOf } from '../../../packages/engine/src/analyze/verdict/weights.ts';
import type { Said } from './calibration.ts';
import type { CaseResult } from './cases.ts';
import { type FromScenario, fitCurve } from './curve.ts';

/** What goes with judged chances. */
export interface Learned {
  readonly confidence: Curve;
  readonly suspicion: Curve;
}

/** Curves from verdicts whose findings were recorded. */
export function learn(results: readonly CaseResult[]): Learned {
  const examined = results.filter(({ findings }) => findings.length > 0);
  const from = (said: (result: CaseResult) => readonly Said[]): FromScenario[] =>
    examined.flatMap((result) => said(result).map((each) => ({ ...each, scenario: result.scenario })));
  return {
    confidence: fitCurve(from((result) => [judgedVerdict(result)])),
    suspicion: fitCurve(
      from((result) => (judgedVerdict(result).probability < unlifted ? [] : judgedSuspects(result))),
    ),
  };
}

/** The surest finding stands first, and is the verdict. */
const judgedVerdict = ({ findings, right }: CaseResult): Said => ({
  probability: confidenceOf(findings[0]!.rules),
  right,
});

const judgedSuspects = ({ reasons }: CaseResult): Said[] =>
  reasons.map(({ rules, right }) => ({ probability: suspicionOf(rules), right }));

/** What verdicts and suspects would say with other curves. Where nothing was examined it is what was said. */
export function saidWith(learned: Learned, results: readonly CaseResult[]) {
  const known = results.filter(({ kind }) => kind !== 'unknown');
  return {
    findings: known.map((result) => verdictWith(learned, result)),
    suspects: results.flatMap((result) => suspectsWith(learned, result)),
  };
}

/** A saved verdict with the confidence that these curves give it. */
export const saidAgain = (learned: Learned, result: CaseResult): CaseResult =>
  result.kind === 'unknown' ? result : { ...result, confidence: verdictWith(learned, result).probability };

function verdictWith({ confidence }: Learned, result: CaseResult): Said {
  const { right } = result;
  if (result.findings.length === 0) return { probability: result.confidence, right };
  return { probability: saidConfidence(judgedVerdict(result).probability, confidence), right };
}

function suspectsWith(learned: Learned, result: CaseResult): Said[] {
  if (result.findings.length === 0)
    return result.suspects.map(({ score, right }) => ({ probability: score, right }));
  const sure = verdictWith(learned, result).probability;
  return judgedSuspects(result).map(({ probability, right }) => ({
    probability: saidSuspicion(probability, sure, learned.suspicion),
    right,
  }));
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

/** For each family: curves from the others, tried on it with other seeds. */
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
