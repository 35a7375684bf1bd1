import { readdirSync } from 'node:fs';
import { commands, lineText, type Session } from '@poolscope/engine';
import { describe, expect, it } from 'vitest';
import { hasShared, openShared, sharedPath } from '../shared-files.ts';

/** A file of zeros: it is refused when it is opened. */
const zeroFilled = 'criticalrocket_111217-47250-01.dmp';
const dumps = hasShared
  ? [
      ...readdirSync(sharedPath('dumps')).filter((name) => name.endsWith('.dmp') && name !== zeroFilled),
      'notmyfault_4a/083125-14875-01.dmp',
    ]
  : [];

const isHere = (name: string): boolean => commands.some(({ names }) => names.includes(name));

/** What an engineer types first. */
const sequence = ['vertarget', '.bugcheck', '!analyze -v', 'r', 'k', 'lm', '!irql'].filter((command) =>
  isHere(command.split(' ')[0]!),
);

/** Text of a line as typed, and the messages of commands that could not answer. */
function run(session: Session, line: string): { readonly text: string; readonly errors: readonly string[] } {
  const text: string[] = [];
  const errors: string[] = [];
  const steps = session.run(line);
  for (let step = steps.next(); step.done !== true; step = steps.next()) {
    if (step.value.kind === 'lines') text.push(...step.value.lines.map(lineText));
    if (step.value.kind === 'error') errors.push(step.value.error.message);
  }
  return { text: text.join('\n'), errors };
}

describe.skipIf(!hasShared)('the first commands on real dumps', () => {
  it('has dumps and commands', () => {
    expect(dumps.length).toBe(16);
    expect(sequence.length).toBeGreaterThanOrEqual(6);
  });

  it.each(dumps)('%s answers all of them, typed in one line', async (name) => {
    const session = await openShared(name);
    const { text, errors } = run(session, sequence.join('; '));
    expect(errors).toEqual([]);
    expect(text).not.toMatch(/undefined|\bNaN\b|\[object|Infinity/);
    // Each has had its say.
    for (const mark of [
      /Kernel Version/,
      /^Bugcheck code/m,
      /^Debugging Details:$/m,
      /^STACK_TEXT/m,
      /^Followup:/m,
    ])
      expect(text).toMatch(mark);
    expect(text).toMatch(/^start +end +module name/m);
    expect(text).toMatch(/^(ChildEBP|Child-SP)/m);
  });

  it.each(dumps)('%s: the report has the facts of the header', async (name) => {
    const session = await openShared(name);
    const { text } = run(session, '!analyze -v');
    const { bugCheckCode, bugCheckParameters } = session.system.target.dump.header;
    const block = (tag: string) => new RegExp(`^${tag}: +(\\S+)`, 'm').exec(text)?.[1];
    expect(block('BUGCHECK_CODE')).toBe(bugCheckCode.toString(16));
    expect([1, 2, 3, 4].map((index) => block(`BUGCHECK_P${index}`))).toEqual(
      bugCheckParameters.map((value) => value.toString(16)),
    );
    expect(block('PROCESS_NAME')).toBe(session.system.process?.name?.value.split(' ')[0]);
    expect(block('FILE_IN_CAB')).toBe(name.split('/').at(-1));
  });
});
