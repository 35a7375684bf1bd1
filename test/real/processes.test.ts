import { readdirSync } from 'node:fs';
import { DebuggerError, lineText, readSavedIrql, reportThread, type Session } from '@poolscope/engine';
import { describe, expect, it } from 'vitest';
import { hasShared, openShared, sharedPath, sharedText } from '../shared-files.ts';

/** A file of zeros: it is refused when it is opened. */
const zeroFilled = 'criticalrocket_111217-47250-01.dmp';
const notmyfault = 'notmyfault_4a/083125-14875-01.dmp';
const dumps = hasShared
  ? [
      ...readdirSync(sharedPath('dumps')).filter((name) => name.endsWith('.dmp') && name !== zeroFilled),
      notmyfault,
    ]
  : [];

const commands = [
  '!process',
  '!process 0 0',
  '!process -1 f',
  '!thread',
  '!thread -1 2',
  '!irql',
  '!pcr',
  '!prcb',
  '!cpuinfo',
  '!running -i -t',
  '.process',
  '.thread',
];

/** What is said when a layout is not known or bytes are not there. */
const trueReasons = ['TYPES_UNKNOWN', 'MEMORY_UNREADABLE', 'NOT_IN_TRIAGE_DUMP'];

function textOf(session: Session, command: string): string {
  return session.execute(command).lines.map(lineText).join('\n');
}

describe.skipIf(!hasShared)('processes, threads and processors of real dumps', () => {
  it.each(dumps)('%s: the commands answer, or say why not', async (name) => {
    const session = await openShared(name);
    for (const command of commands) {
      try {
        const text = textOf(session, command);
        expect(text).not.toMatch(/undefined|\bNaN\b|\[object|Infinity/);
        expect(text).not.toBe('');
      } catch (error) {
        expect(error).toBeInstanceOf(DebuggerError);
        expect(trueReasons).toContain((error as DebuggerError).code);
      }
    }
  });

  it.each(dumps)('%s: the crashed process and thread are what the dump says elsewhere', async (name) => {
    const session = await openShared(name);
    const { system } = session;
    const text = textOf(session, '!process 0 0');
    expect(text).toContain(`Image: ${system.process!.name!.value}\n`);
    expect(text).toContain(`PROCESS ${system.process!.address.toString(16)}\n`);
    const { details, stack } = reportThread(system, system.thread!.address);
    expect(details?.stack).toMatchObject({
      base: system.thread!.stackBase,
      limit: system.thread!.stackLimit,
    });
    expect(stack).toEqual(system.stackFrom(session.console.scope!.registers, 64));
    // A pointer into the stack that the thread ran on, where it ran on its own.
    const sp = stack![0]!.sp;
    const onOwn = sp >= details!.stack.limit! && sp < details!.stack.base!;
    if (onOwn) expect(details!.stack.initial).toBeLessThanOrEqual(details!.stack.base!);
  });

  /** Bug checks whose second parameter is the level at which the processor was. */
  const withIrql = [
    ['jackchen002_093024-6125-01.dmp', 2],
    ['training_d1.dmp', 2],
    [notmyfault, 2],
  ] as const;

  it.each(withIrql)('%s: the saved IRQL is the one of the bug check', async (name, irql) => {
    const { system } = await openShared(name);
    expect(system.target.dump.header.bugCheckParameters[1]).toBe(BigInt(irql));
    expect(readSavedIrql(system, system.crashedProcessor!).irql).toBe(irql);
  });

  it('notmyfault_4a: the process has the name that the real debugger found', async () => {
    const session = await openShared(notmyfault);
    const name = /^PROCESS_NAME: {2}(\S+)/m.exec(sharedText('dumps/notmyfault_4a/analyze_v.txt'))![1];
    expect(textOf(session, '!process')).toContain(`Image: ${name}\n`);
  });

  it('notmyfault_4a: the thread’s stack has the frames and words that the real debugger shows', async () => {
    const session = await openShared(notmyfault);
    const shown = textOf(session, '!thread');
    const real = sharedText('dumps/notmyfault_4a/kv.txt').split('\n').slice(1, 4);
    for (const [index, row] of real.entries()) {
      const [sp, ret, ...words] = row.slice(3).match(/[0-9a-f]{8}`[0-9a-f]{8}/g)!;
      // Of the last frame the words are not in the dump, and the debugger shows zeros.
      const known = index < 2 ? words.slice(0, 4).join(' ') : '';
      expect(shown).toContain(`${sp} ${ret}     : ${known}`);
    }
  });

  it('triage_x64: processors that were not saved whole are still listed', async () => {
    const session = await openShared('triage_x64.dmp');
    const rows = textOf(session, '!cpuinfo').split('\n');
    expect(rows.filter((row) => /^ *\d+ /.test(row))).toHaveLength(16);
  });

  it('a build without a profile is said to be one', async () => {
    const session = await openShared('training_1a.dmp');
    expect(textOf(session, '!process')).toMatch(
      /^Layouts: built-in profile of build 22000\.2538, a guess: this build 26100 is newer than every profile; of _EPROCESS, _ETHREAD only what the dump itself tells\.$/m,
    );
  });
});
