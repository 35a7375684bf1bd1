import { scenarios } from '@poolscope/lab';
import { beforeAll, describe, expect, it } from 'vitest';
import { type CaseResult, verdictsOn } from '../bench/verdict/cases.ts';
import { isFalsePoolVerdict, percent, thresholds } from '../bench/verdict/tally.ts';

/*
 * The verdicts on every scenario of the lab: one seed here; `npm run bench:verdict` takes many.
 */

const seed = 1;
/** The bench looks at full dumps too, which hold no more that matters. */
const kinds = ['bitmap-kernel', 'triage'] as const;
const results: CaseResult[] = [];
const failures: string[] = [];

beforeAll(async () => {
  for (const scenario of scenarios)
    try {
      for await (const result of verdictsOn(scenario, { seed, kinds })) results.push(result);
    } catch (error) {
      failures.push(`${scenario.name}: ${String(error)}`);
    }
}, 900_000);

describe('the verdicts on the lab’s scenarios', () => {
  it.each(thresholds([]).map(({ what }) => what))('%s', (what) => {
    const { share, least } = thresholds(results).find((line) => line.what === what)!;
    expect(share.of).toBeGreaterThan(0);
    expect(percent(share)).toBeGreaterThanOrEqual(least);
  });

  it('blame no pool block where pool is whole', () => {
    expect(
      results.filter(isFalsePoolVerdict).map(({ scenario, dump, summary }) => [scenario, dump, summary]),
    ).toEqual([]);
  });

  it('are reached on every scenario', () => {
    expect(failures).toEqual([]);
  });
});
