import { describe, expect, it } from 'vitest';
import { along, saidConfidence, saidSuspicion } from './calibration.ts';
import { type Curve, confidenceCurve, suspicionCurve } from './fitted.ts';

const curve: Curve = [
  [0.6, 0.8],
  [0.9, 0.95],
];

describe('a curve from judged chances to probabilities', () => {
  it('changes nothing up to one half', () => {
    for (const judged of [0, 0.02, 0.38, 0.5]) expect(along(curve, judged)).toBe(judged);
  });

  it('goes straight between its points', () => {
    expect(along(curve, 0.55)).toBeCloseTo(0.65);
    expect(along(curve, 0.6)).toBeCloseTo(0.8);
    expect(along(curve, 0.75)).toBeCloseTo(0.875);
  });

  it('lifts nothing above its last point', () => {
    expect(along(curve, 0.92)).toBe(0.95);
    expect(along(curve, 0.97)).toBeCloseTo(0.97);
  });

  it('goes on without a jump where its last point is lower than what was judged', () => {
    const low: Curve = [[0.8, 0.6]];
    expect(along(low, 0.8)).toBeCloseTo(0.6);
    expect(along(low, 0.9)).toBeCloseTo(0.7);
  });
});

describe.each([
  ['of verdicts', confidenceCurve],
  ['of suspects', suspicionCurve],
])('the curve %s', (_name, used) => {
  it('keeps the order of what was judged, and never reaches certainty', () => {
    const said = Array.from({ length: 99 }, (_, index) => along(used, (index + 1) / 100));
    expect(said).toEqual(said.toSorted((a, b) => a - b));
    expect(said.at(-1)).toBeLessThan(1);
  });
});

describe('a suspect', () => {
  it('is lifted by as much as the verdict is sure', () => {
    expect(saidSuspicion(0.6, 1, curve)).toBe(0.8);
    expect(saidSuspicion(0.6, 0.5, curve)).toBe(0.7);
    expect(saidSuspicion(0.6, 0, curve)).toBe(0.6);
  });

  it('of little weight stays one, however sure the verdict is', () => {
    expect(saidSuspicion(0.2, 0.98)).toBe(0.2);
    expect(saidConfidence(0.38)).toBe(0.38);
  });
});
