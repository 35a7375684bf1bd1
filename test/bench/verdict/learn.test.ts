import { describe, expect, it } from 'vitest';
import { along } from '../../../packages/engine/src/analyze/verdict/calibration.ts';
import { confidenceOf, type GroundRule } from '../../../packages/engine/src/analyze/verdict/weights.ts';
import type { CaseResult } from './cases.ts';
import { familiesOf, learn, leaveOneOut } from './learn.ts';

const rules: readonly GroundRule[] = ['one-bit'];

/** A verdict with one finding, as far as learning looks at it. */
const found = (scenario: string, right: boolean): CaseResult =>
  ({
    scenario,
    truth: 'pool-overrun',
    kind: 'single-bit-error',
    right,
    findings: [{ kind: 'single-bit-error', rules, right }],
    reasons: [],
  }) as Partial<CaseResult> as CaseResult;

const times = (count: number, result: CaseResult): CaseResult[] =>
  Array.from({ length: count }, () => result);

describe('families of scenarios', () => {
  it('are a scenario and those whose names go on behind its own', () => {
    const names = ['text-worker', 'text', 'texture', 'byte'];
    const all = names.map((name) => found(name, true));
    expect(all.map(familiesOf(all))).toEqual(['text', 'text', 'texture', 'byte']);
  });
});

describe('learning', () => {
  const judged = confidenceOf(rules);
  const said = (results: readonly CaseResult[]) => along(learn(results).confidence, judged);

  it('believes what is wrong less than judged, and what is right more', () => {
    expect(said(times(20, found('a', false)))).toBeLessThan(judged - 0.1);
    expect(said(times(20, found('a', true)))).toBeGreaterThan(judged);
  });

  it('does not count the seeds of one scenario as so many stories', () => {
    expect(said(times(500, found('a', false)))).toBe(said(times(5, found('a', false))));
  });

  it('knows nothing of the family that it is tried on', () => {
    const all = [...times(10, found('a', false)), ...times(10, found('a-b', false))];
    const [left] = leaveOneOut(all, all, familiesOf(all));
    expect(left?.scenarios).toBe(2);
    expect(left?.findings[0]).toEqual({ probability: judged, right: false });
  });
});
