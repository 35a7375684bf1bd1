import { describe, expect, it } from 'vitest';
import { blameFor, judge, logSum, type Seen } from './hypothesis.ts';

const prior = { a: 0.6, b: 0.6 };
const seen = (withIt: number, lacking: number, odds = 1): Seen => ({
  having: [{ odds, weight: withIt }],
  lacking,
});

describe('the Bayes factor of a driver', () => {
  it('grows with the machines that have it, and less than tenfold by each', () => {
    const factors = [1, 2, 5, 10].map((n) => judge(seen(n, 0), { othersWith: 5, others: 100 }, prior).factor);
    expect(factors).toEqual([...factors].sort((a, b) => a - b));
    expect(factors[0]).toBeGreaterThan(0);
    expect(factors[0]).toBeLessThan(Math.log(1 / 0.08));
  });

  it('is about 1 where all machines have it', () => {
    const { factor } = judge(seen(20, 0), { othersWith: 100, others: 100 }, prior);
    expect(Math.abs(factor)).toBeLessThan(0.1);
  });

  it('speaks against one that the crashing machines have as often as all, and not at all for one that they lack', () => {
    expect(judge(seen(10, 10), { othersWith: 50, others: 100 }, prior).factor).toBeLessThan(0);
    expect(judge(seen(0, 20), { othersWith: 50, others: 100 }, prior).factor).toBeLessThan(-2);
  });

  it('finds one that is to blame for half of the crashes', () => {
    const { factor, blame } = judge(seen(11, 9), { othersWith: 5, others: 100 }, prior);
    expect(factor).toBeGreaterThan(5);
    expect(blame).toBeCloseTo(0.5, 5);
  });

  it('goes by what dumps say where presence says nothing', () => {
    const others = { othersWith: 100, others: 100 };
    expect(judge(seen(5, 0, 10), others, prior).factor).toBeGreaterThan(5);
    expect(judge(seen(5, 0, 0.1), others, prior).factor).toBeLessThan(-0.5);
  });
});

describe('what of a machine is blamed on a driver', () => {
  const judged = judge(seen(11, 9), { othersWith: 5, others: 100 }, prior);

  it('is more the more its dumps say so', () => {
    expect(blameFor(2, judged)).toBeGreaterThan(blameFor(0, judged));
    expect(blameFor(-5, judged)).toBeLessThan(0.2);
  });
});

describe('the logarithm of a sum', () => {
  it('does not overflow', () => {
    expect(logSum([1000, 1000])).toBeCloseTo(1000 + Math.LN2, 10);
    expect(logSum([Number.NEGATIVE_INFINITY, 0])).toBe(0);
    expect(logSum([Number.NEGATIVE_INFINITY])).toBe(Number.NEGATIVE_INFINITY);
  });
});
