import { describe, expect, it } from 'vitest';
import { findCommand } from './execute.ts';
import { promptOf } from './prompt.ts';
import { stackOptions } from './stack-options.ts';

const named = (typed: string): readonly [string, string] => {
  const { name, args } = findCommand(typed);
  return [name, args];
};

describe('letters of the k commands', () => {
  it.each([
    ['k', 'k', ''],
    ['kb', 'kb', ''],
    ['KB', 'kb', ''],
    ['kL', 'kL', ''],
    ['kvL 20', 'kvL', '20'],
    ['kvL20', 'kvL', '20'],
    ['kbn', 'kbn', ''],
    ['kn5', 'kn', '5'],
    ['k5', 'k', '5'],
    ['k@$t0', 'k', '@$t0'],
    ['kb= 1 2', 'kb', '= 1 2'],
    ['kpnf L3', 'kpnf', 'L3'],
  ])('%s', (typed, name, args) => {
    expect(named(typed)).toEqual([name, args]);
  });

  it('are told from a count behind a blank', () => {
    expect(named('k b')).toEqual(['k', 'b']);
    expect(named('kn f')).toEqual(['kn', 'f']);
  });

  it('are none of other commands', () => {
    for (const typed of ['kx', 'kbz', 'kq 5'])
      expect(() => findCommand(typed)).toThrow('there is no command');
  });

  it("stand behind a processor's number", () => {
    expect(named('2kv 5')).toEqual(['~', '2kv 5']);
    expect(named('0r rip')).toEqual(['~', '0r rip']);
    expect(() => findCommand('2 + 2')).toThrow('there is no command');
  });

  it('choose columns', () => {
    const shown = (letters: string): string[] =>
      Object.entries(stackOptions(letters)).flatMap(([name, value]) => (value === true ? [name] : []));
    expect(shown('')).toEqual(['sources']);
    expect(shown('L')).toEqual([]);
    expect(shown('bL')).toEqual(['numbered', 'arguments']);
    expect(shown('v')).toEqual(['numbered', 'arguments', 'traps', 'frameData', 'sources']);
    expect(shown('nfL')).toEqual(['numbered', 'memory']);
    expect(shown('cL')).toEqual(['numbered', 'clean']);
    expect(shown('PL')).toEqual(['parameters']);
    expect(shown('DL')).toEqual(['raw']);
  });
});

describe('the prompt', () => {
  const prompt = (processor: number | undefined, processors: number): string =>
    promptOf({
      processor,
      system: { target: { dump: { header: { processors } } }, processors: [] },
    } as never);

  it('names the processor where there are several', () => {
    expect(prompt(11, 16)).toBe('11: kd> ');
    expect(prompt(0, 1)).toBe('kd> ');
    expect(prompt(undefined, 16)).toBe('kd> ');
  });
});
