import { type Curve, confidenceCurve, suspicionCurve } from './fitted.ts';

/** Up to here nothing is lifted: what is as likely wrong as right stays so, and everything decided by that line too. */
export const unlifted = 0.5;

/**
 * The probability that goes with a judged chance: straight lines between the points of a curve that never falls. Below the
 * curve's first point it starts at `unlifted`; beyond its last point nothing is lifted above that one.
 */
export function along(curve: Curve, judged: number): number {
  if (judged <= unlifted) return judged;
  let [fromJudged, fromMeasured] = [unlifted, unlifted];
  for (const [toJudged, toMeasured] of curve) {
    if (judged < toJudged) {
      const share = (judged - fromJudged) / (toJudged - fromJudged);
      return fromMeasured + share * (toMeasured - fromMeasured);
    }
    [fromJudged, fromMeasured] = [toJudged, toMeasured];
  }
  return fromMeasured + Math.max(0, judged - Math.max(fromJudged, fromMeasured));
}

const hundredths = (chance: number): number => Math.round(chance * 100) / 100;

/** How sure a verdict is, from the judged chance of its finding. */
export const saidConfidence = (judged: number, curve = confidenceCurve): number =>
  hundredths(along(curve, judged));

/**
 * How likely a module is the culprit. What was measured was measured where the verdict was right: the reasons are lifted by as
 * much of it as the verdict is sure, and keep their judged worth for the rest.
 */
export const saidSuspicion = (judged: number, confidence: number, curve = suspicionCurve): number =>
  hundredths(confidence * along(curve, judged) + (1 - confidence) * judged);
