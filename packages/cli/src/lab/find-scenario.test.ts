import { describe, expect, it } from 'vitest';
import { UsageError } from '../usage-error.ts';
import { findScenario, nearNames } from './find-scenario.ts';

const names = ['overrun-text', 'overrun-byte', 'double-free', 'write-after-free'];

describe('names of scenarios', () => {
  it.each([
    ['overrun-tex', ['overrun-text']],
    ['Doublefree', ['double-free']],
    ['overrun', ['overrun-text', 'overrun-byte']],
    ['xyz', []],
    ['', []],
    ['a'.repeat(100_000), []],
  ])('near %j', (given, near) => {
    expect(nearNames(given, names)).toEqual(near);
  });

  it('are found in any case', () => {
    expect(findScenario('OVERRUN-text').name).toBe('overrun-text');
  });

  it('are wrong usage when there is none', () => {
    expect(() => findScenario('overrun-tex')).toThrow(UsageError);
    expect(() => findScenario('overrun-tex')).toThrow(/is it overrun-text/);
    expect(() => findScenario('qqqqqq')).toThrow(/^there is no scenario 'qqqqqq'$/);
  });
});
