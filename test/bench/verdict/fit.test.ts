import { describe, expect, it } from 'vitest';
import { chanceOfFinding, chanceOfGuilt } from '../../../packages/engine/src/analyze/verdict/weights.ts';
import { buckets, calibrationError } from './calibration.ts';
import { fit, grouped } from './fit.ts';

describe('fitting', () => {
  const limits = (): readonly [number, number] => [0, 6];
  const judged = { bias: -1, one: 1, two: 1, unseen: 2 };
  const model = (weights: Readonly<Record<string, number>>, rules: readonly string[]) =>
    chanceOfFinding(weights, rules);

  it('finds the weights that made the samples', () => {
    const made = { bias: -1, one: 2.5, two: 0.5 };
    const sets = [[], ['one'], ['two'], ['one', 'two']];
    const samples = sets.map((rules) => ({
      rules,
      count: 1000,
      right: 1000 * chanceOfFinding(made, rules),
    }));
    const found = fit(samples, model, { judged, limits, spread: 10 });
    expect(found['one']).toBeCloseTo(2.5, 1);
    expect(found['two']).toBeCloseTo(0.5, 1);
    expect(found['unseen']).toBe(2);
  });

  it('stays near what was judged where little was measured, and within its limits', () => {
    const few = [{ rules: ['one'], count: 2, right: 0 }];
    const near = fit(few, model, { judged, limits, spread: 0.3 })['one']!;
    expect(near).toBeLessThan(1);
    expect(near).toBeGreaterThan(0.7);
    const many = [{ rules: ['one'], count: 1000, right: 0 }];
    expect(fit(many, model, { judged, limits, spread: 10 })['one']).toBeCloseTo(0, 3);
  });

  it('finds the chance of a reason that stands alone', () => {
    const samples = grouped([
      ...Array.from({ length: 3 }, () => ({ rules: ['a'], right: true, weight: 100 })),
      { rules: ['a'], right: false, weight: 100 },
    ]);
    expect(samples).toEqual([{ rules: ['a'], count: 400, right: 300 }]);
    const found = fit(samples, chanceOfGuilt, { judged: { a: 0.2 }, limits: () => [0, 1], spread: 1 });
    expect(found['a']).toBeCloseTo(0.75, 2);
  });
});

describe('calibration', () => {
  const said = (probability: number, right: number, of: number) =>
    Array.from({ length: of }, (_, index) => ({ probability, right: index < right }));

  it('is without error where nine in ten are right of those said with 0.9', () => {
    expect(calibrationError([...said(0.9, 9, 10), ...said(0.5, 5, 10)])).toBeCloseTo(0);
  });

  it('weighs its buckets by their counts', () => {
    const all = [...said(0.9, 5, 10), ...said(0.3, 9, 30)];
    expect(calibrationError(all)).toBeCloseTo(0.1);
    expect(buckets(all).map(({ from, count, was }) => [from, count, was])).toEqual([
      [0.3, 30, 0.3],
      [0.9, 10, 0.5],
    ]);
  });
});
