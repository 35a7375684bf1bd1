import { describe, expect, it } from 'vitest';
import { along } from '../../../packages/engine/src/analyze/verdict/calibration.ts';
import { fitCurve } from './curve.ts';

const stories = (count: number, probability: number, right: boolean) =>
  Array.from({ length: count }, (_, index) => ({
    probability,
    right,
    scenario: `${probability} ${right} ${index}`,
  }));

describe('a fitted curve', () => {
  it('goes most of the way to what many stories show, and little of it with one', () => {
    const [[, many]] = fitCurve(stories(30, 0.6, true)) as [[number, number]];
    const [[, one]] = fitCurve(stories(1, 0.6, true)) as [[number, number]];
    expect(many).toBeGreaterThan(0.95);
    expect(one).toBeLessThan(0.75);
  });

  it('never falls, where fewer are right of those that were judged surer', () => {
    const said = [...stories(10, 0.6, true), ...stories(10, 0.75, false), ...stories(10, 0.95, true)];
    const measured = fitCurve(said).map(([, value]) => value);
    expect(measured).toEqual(measured.toSorted((a, b) => a - b));
  });

  it('makes nothing certain, and leaves alone what is as likely wrong as right', () => {
    const curve = fitCurve([...stories(10, 0.3, true), ...stories(1000, 0.95, true)]);
    expect(curve).toEqual([[0.95, 0.99]]);
    expect(along(curve, 0.3)).toBe(0.3);
    expect(along(curve, 0.97)).toBeCloseTo(0.99);
  });
});
