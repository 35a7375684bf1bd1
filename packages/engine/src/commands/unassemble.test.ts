import { buildMachine, dumpBytes, type Machine } from '@poolscope/lab';
import { describe, expect, it } from 'vitest';
import { RegisterSet } from '../cpu/index.ts';
import { BufferSource, lineText, openSession, type Session } from '../index.ts';

const open = async (machine: Machine): Promise<Session> =>
  openSession(new BufferSource(dumpBytes(machine, { type: 'full' })));

const linesOf = (session: Session, command: string): string[] =>
  session.execute(command).lines.map((line) => lineText(line).trimEnd());

describe('u', () => {
  it.each([
    [0n, '[br=1]'],
    [0x40n, '[br=0]'],
  ])('says whether the current branch is taken, with flags %s', async (efl, note) => {
    const machine = buildMachine();
    const session = await open(machine);
    const branch = machine.images.address('sampledrv!FillRecord') + 0x1bn;
    const registers = new RegisterSet('x64', [
      ['rip', branch],
      ['efl', efl],
    ]);
    session.console.scope = { registers, kind: 'context' };
    const [, current, next] = linesOf(session, 'u . L2');
    expect(current).toMatch(new RegExp(`jne .* ${note.replace(/[[\]]/g, '\\$&')}$`));
    expect(next).not.toMatch('br=');
    expect(linesOf(session, `u ${branch.toString(16)}-2 L1`).join()).not.toMatch('br=');
  });

  it('goes on where it ended, and stays at a byte that is missing', async () => {
    const session = await open(buildMachine());
    linesOf(session, 'u nt!KeBugCheckEx L1');
    expect(linesOf(session, 'u L1')[1]).toMatch('mov     qword ptr [rsp+40h],rcx');
    const missing = linesOf(session, 'u 0');
    expect(linesOf(session, 'u')).toEqual(missing);
  });
});

describe('ub', () => {
  it('goes on backwards, and u from there', async () => {
    const session = await open(buildMachine());
    const forwards = linesOf(session, 'u nt!ExAllocatePoolWithTag L10').slice(1);
    linesOf(session, `ub ${forwards[12]!.slice(0, 17)} L4`);
    expect(linesOf(session, 'ub L4').slice(1)).toEqual(forwards.slice(4, 8));
    expect(linesOf(session, 'u L2').slice(1)).toEqual(forwards.slice(4, 6));
  });
});

describe('uf', () => {
  it('tells blocks apart and marks branches inside of the function', async () => {
    const machine = buildMachine();
    const session = await open(machine);
    const lines = linesOf(session, `uf ${machine.images.address('sampledrv!FillRecord').toString(16)}`);
    expect(lines.filter((line) => line === '')).toHaveLength(4);
    expect(lines.filter((line) => line.endsWith('  Branch'))).toHaveLength(2);
  });

  it('lists calls alone', async () => {
    const session = await open(buildMachine());
    const text = linesOf(session, 'uf /c nt!NtDeviceIoControlFile');
    expect(text[0]).toMatch(/^nt!NtDeviceIoControlFile \([\da-f`]{17}\)$/);
    expect(text[1]).toMatch(/^ {2}nt!NtDeviceIoControlFile\+0x4 \([\da-f`]{17}\):$/);
    expect(text[2]).toMatch(/^ {4}call to nt\+0x[\da-f]+ \([\da-f`]{17}\)$/);
    expect(text).toHaveLength(3);
  });
});
