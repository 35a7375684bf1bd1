import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { discoveryRates, fisher, presenceOf, shrunkLogOdds } from './presence.ts';

const counts = (casesWith: number, cases: number, othersWith: number, others: number) => ({
  casesWith,
  cases,
  othersWith,
  others,
});

describe('log odds with shrinkage', () => {
  it('is about the logarithm of the odds ratio where there are many machines', () => {
    const { mean, deviation } = shrunkLogOdds(counts(400, 500, 1000, 5000));
    expect(mean).toBeCloseTo(Math.log((400 * 4000) / (100 * 1000)), 1);
    expect(deviation).toBeLessThan(0.15);
  });

  it('is near 0 and unsure for one machine', () => {
    const one = shrunkLogOdds(counts(1, 1, 20, 100));
    const ten = shrunkLogOdds(counts(10, 10, 20, 100));
    expect(one.mean).toBeLessThan(ten.mean);
    expect(one.mean - 1.96 * one.deviation).toBeLessThan(0);
    expect(ten.mean - 1.96 * ten.deviation).toBeGreaterThan(0);
  });

  it('is finite where all have it, and 0 where all shares are the same', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.nat(50), fc.nat(50), fc.nat(50), (a, b, c, d) => {
        const { mean, deviation } = shrunkLogOdds(counts(a, a + b, c, c + d));
        expect(Number.isFinite(mean)).toBe(true);
        expect(deviation).toBeGreaterThan(0);
      }),
    );
    expect(shrunkLogOdds(counts(10, 40, 10, 40)).mean).toBeCloseTo(0, 10);
  });
});

describe("Fisher's exact test", () => {
  it('is that of the lady who tasted tea', () => {
    expect(fisher(counts(3, 4, 1, 4))).toBeCloseTo(17 / 70, 10);
    expect(fisher(counts(4, 4, 0, 4))).toBeCloseTo(1 / 70, 10);
  });

  it('is 1 where there is nobody to compare with, and where all have it', () => {
    expect(fisher(counts(5, 5, 0, 0))).toBe(1);
    expect(fisher(counts(5, 5, 20, 20))).toBeCloseTo(1, 10);
  });
});

describe('false discovery rates', () => {
  it('accept the four of the example of Benjamini and Hochberg (1995) at 0.05', () => {
    const ps = [
      0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528,
      0.759, 1,
    ];
    const rates = discoveryRates(ps);
    expect(rates.filter((rate) => rate <= 0.05)).toHaveLength(4);
    expect(rates[0]).toBeCloseTo(0.0015, 10);
  });

  it('keep the order of the probabilities, and are not below them', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1 }), (ps) => {
        const rates = discoveryRates(ps);
        for (const [index, p] of ps.entries()) {
          expect(rates[index]).toBeGreaterThanOrEqual(p * (1 - 1e-12));
          for (const [other, larger] of ps.entries())
            if (larger >= p) expect(rates[other]).toBeGreaterThanOrEqual(rates[index]!);
        }
      }),
    );
  });
});

describe('the presence of a driver', () => {
  it('has an interval around its log odds', () => {
    const presence = presenceOf(counts(9, 10, 5, 100), 0.01);
    expect(presence).toMatchObject({ casesWith: 9, cases: 10, othersWith: 5, others: 100, q: 0.01 });
    expect(presence.from).toBeGreaterThan(0);
    expect(presence.to).toBeGreaterThan(presence.logOdds);
    expect(presence.p).toBeLessThan(1e-6);
  });
});
