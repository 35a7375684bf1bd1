import { describe, expect, it } from 'vitest';
import { runSteps, type Step, type StepResult } from './steps.mjs';

const result = (code: number, more: Partial<StepResult> = {}): StepResult => ({
  code,
  output: 'the output',
  ...more,
});

async function lines(steps: readonly Step[]) {
  const printed: string[] = [];
  const code = await runSteps(steps, (line) => printed.push(line.replace(/ +[0-9.]+ s/, '')));
  return { code, printed };
}

describe('steps', () => {
  it('ends with the sum of the steps and of their tests', async () => {
    const { code, printed } = await lines([
      { name: 'lint', work: async () => result(0) },
      { name: 'tests', after: 'lint', work: async () => result(0, { passed: 5, failed: 0, skipped: 2 }) },
    ]);
    expect(printed).toEqual([
      'ok    lint',
      'ok    tests  5 passed, 0 failed, 2 skipped',
      '',
      '6 passed, 0 failed',
    ]);
    expect(code).toBe(0);
  });

  it('runs the rest after a failure, shows its output and names it at the end', async () => {
    const { code, printed } = await lines([
      { name: 'build', work: async () => result(1) },
      { name: 'tests', after: 'build', work: async () => result(1, { passed: 5, failed: 2, skipped: 0 }) },
      {
        name: 'lint',
        after: 'tests',
        work: async () => {
          throw new Error('cannot start');
        },
      },
    ]);
    expect(printed.slice(0, 2)).toEqual(['FAIL  build', '      the output']);
    expect(printed.join('\n')).toContain('cannot start');
    expect(printed.slice(-2)).toEqual(['failed: build, tests, lint', '5 passed, 4 failed']);
    expect(code).toBe(1);
  });

  it('counts a run of tests that failed outside any test', async () => {
    const { code, printed } = await lines([
      { name: 'tests', work: async () => result(1, { passed: 5, failed: 0, skipped: 0 }) },
    ]);
    expect(printed.at(-1)).toBe('5 passed, 1 failed');
    expect(code).toBe(1);
  });

  it('starts a step only when the one before it has ended', async () => {
    const events: string[] = [];
    const work = (name: string) => async () => {
      events.push(`${name} starts`);
      await new Promise((resolve) => setImmediate(resolve));
      events.push(`${name} ends`);
      return result(0);
    };
    await lines([
      { name: 'build', work: work('build') },
      { name: 'tests', after: 'build', work: work('tests') },
    ]);
    expect(events).toEqual(['build starts', 'build ends', 'tests starts', 'tests ends']);
  });
});
