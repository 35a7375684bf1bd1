import { describe, expect, it } from 'vitest';
import { evaluate, type FleetResult } from './evaluate.ts';
import { fitLine } from './fit.ts';
import { least, summarize } from './series.ts';

const seeds = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const play = (count: number, options: Parameters<typeof evaluate>[0]): FleetResult[] =>
  seeds(count).map((seed) => evaluate({ ...options, seed, crashes: 20 + (seed % 4) * 10 }));

describe('suspects of simulated fleets with 20 crashes and more', () => {
  const one = summarize(play(20, { guilty: 1 }));

  it('have the guilty driver first', () => {
    expect(one.first).toBeGreaterThanOrEqual(least.first * one.fleets);
  });

  it('accuse it as a rule, and hardly anybody else', () => {
    expect(one.accused).toBeGreaterThan(0.7 * one.fleets);
    expect(one.falsely).toBeLessThanOrEqual(least.falsely * one.fleets);
  });

  it('tell guilty versions where they tell any', () => {
    expect(one.versionsTold).toBeGreaterThan(0);
    expect(one.versionsRight).toBeGreaterThanOrEqual(0.8 * one.versionsTold);
  });

  it('accuse nobody where nobody is guilty', () => {
    const none = summarize(play(12, { guilty: 0 }));
    expect(none.falsely).toBe(0);
  });

  it('find the driver of a bucket', () => {
    expect(one.buckets).toBeGreaterThan(20);
    expect(one.bucketsFirst).toBeGreaterThan(0.8 * one.buckets);
  });
});

describe('a calibration line', () => {
  const chances = [0.05, 0.2, 0.4, 0.6, 0.8, 0.95];
  const said = (truth: (probability: number) => number) =>
    chances.flatMap((probability) =>
      Array.from({ length: 1000 }, (_, index) => ({ probability, right: index < 1000 * truth(probability) })),
    );

  it('leaves alone what is right', () => {
    const { a, b } = fitLine(said((probability) => probability));
    expect(a).toBeCloseTo(0, 1);
    expect(b).toBeCloseTo(1, 1);
  });

  it('draws to the middle what is too sure', () => {
    const { b } = fitLine(said((probability) => 0.5 + (probability - 0.5) / 2));
    expect(b).toBeLessThan(0.6);
  });
});
