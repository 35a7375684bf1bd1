import { describe, expect, it } from 'vitest';
import { digamma, fitBeta, logGamma, trigamma } from './beta.ts';

const euler = 0.577_215_664_901_532_9;

describe('functions of the Gamma family', () => {
  it.each([
    [1, 0],
    [5, Math.log(24)],
    [0.5, Math.log(Math.sqrt(Math.PI))],
    [0.1, 2.252_712_651_734_206],
    [100, 359.134_205_369_575_4],
  ])('ln Γ(%d)', (x, value) => {
    expect(logGamma(x)).toBeCloseTo(value, 10);
  });

  it('ψ and its derivative at places that are known', () => {
    expect(digamma(1)).toBeCloseTo(-euler, 9);
    expect(digamma(0.5)).toBeCloseTo(-euler - 2 * Math.LN2, 9);
    expect(trigamma(1)).toBeCloseTo(Math.PI ** 2 / 6, 9);
    expect(trigamma(0.5)).toBeCloseTo(Math.PI ** 2 / 2, 9);
    expect(digamma(1000)).toBeCloseTo(Math.log(1000) - 1 / 2000, 6);
  });
});

describe('the Beta distribution of shares', () => {
  it('is narrow where all drivers have about the same share', () => {
    const { a, b } = fitBeta([0.48, 0.5, 0.52, 0.49, 0.51], 1000);
    expect(a / (a + b)).toBeCloseTo(0.5, 2);
    expect(a + b).toBe(20);
  });

  it('is wide where a driver is on all machines or on none', () => {
    const { a, b } = fitBeta([0, 1, 0, 1, 1, 0], 1000);
    expect(a + b).toBe(1);
  });

  it('takes off what counting few machines makes of the variance', () => {
    const shares = [0.2, 0.4, 0.3, 0.1, 0.5];
    const few = fitBeta(shares, 10);
    const many = fitBeta(shares, 10_000);
    expect(few.a + few.b).toBeGreaterThan(many.a + many.b);
  });

  it('says little where there is nothing to learn from', () => {
    expect(fitBeta([], 0)).toEqual({ a: 0.5, b: 0.5 });
    expect(fitBeta([0.5], 10)).toEqual({ a: 0.5, b: 0.5 });
  });
});
