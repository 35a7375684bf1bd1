import { buildMachine, dumpBytes, type Machine, type MachineOptions, type TrueFrame } from '@poolscope/lab';
import { describe, expect, it } from 'vitest';
import { BufferSource } from '../io/index.ts';
import { openSession, type Session } from '../session.ts';
import { readSwitchedThread, type Thread } from './index.ts';

const open = (machine: Machine): Promise<Session> =>
  openSession(new BufferSource(dumpBytes(machine, { type: 'bitmap-kernel' })));

/** Frames that were left by a call: what lies below their stack pointer is a return address, as in a switch frame. */
const callers = ({ truth }: Machine): TrueFrame[] => truth.frames.filter(({ leftBy }) => leftBy === 'call');

/** The crashed thread, as if it had been switched away from in the callee of `frame`. */
const threadAt = ({ thread, stack }: Machine, { sp }: TrueFrame, size: bigint): Thread => ({
  address: thread.va,
  process: undefined,
  stackLimit: stack.limit,
  stackBase: stack.base,
  kernelStack: sp - size,
});

/** The machine with the frame's own rbp where a switch frame keeps it. */
function switchedIn(options: MachineOptions, index: number): { machine: Machine; frame: TrueFrame } {
  const frame = callers(buildMachine(options))[index]!;
  const rbp = new Uint8Array(8);
  new DataView(rbp.buffer).setBigUint64(0, frame.registers['rbp']!, true);
  const machine = buildMachine({ ...options, prepare: ({ space }) => space.write(frame.sp - 0x10n, rbp) });
  return { machine, frame };
}

describe('registers of a thread that waits', () => {
  it.each([0, 2, 4, 6])('U-46 x64: lead to the frames above the switch (caller %i)', async (index) => {
    const { machine, frame } = switchedIn({ crash: 'page-fault' }, index);
    const { system } = await open(machine);
    const registers = readSwitchedThread(system.target, threadAt(machine, frame, 0x40n), system.symbols);
    expect(registers?.get('rip')).toBe(frame.ip);
    expect(registers?.get('rsp')).toBe(frame.sp);
    expect(registers?.get('rbp')).toBe(frame.registers['rbp']);
    const { frames } = machine.truth;
    const above = frames.slice(frames.findIndex(({ sp }) => sp === frame.sp));
    expect(system.stackFrom(registers!).map(({ ip, sp }) => [ip, sp])).toEqual(
      above.map(({ ip, sp }) => [ip, sp]),
    );
  });

  it('U-46 x86: are the return address and the stack pointer behind the frame', async () => {
    const machine = buildMachine({ architecture: 'x86' });
    const { system } = await open(machine);
    for (const frame of callers(machine)) {
      const registers = readSwitchedThread(system.target, threadAt(machine, frame, 0xcn), system.symbols);
      expect([registers?.ip, registers?.sp]).toEqual([frame.ip, frame.sp]);
    }
  });

  it('U-46 are undefined where the frame leaves the stack or does not return into code', async () => {
    const machine = buildMachine();
    const { system } = await open(machine);
    const frame = callers(machine)[1]!;
    const thread = threadAt(machine, frame, 0x40n);
    const read = (changes: Partial<Thread>) =>
      readSwitchedThread(system.target, { ...thread, ...changes }, system.symbols);
    expect(read({})).toBeDefined();
    expect(read({ stackBase: frame.sp - 1n })).toBeUndefined();
    expect(read({ stackLimit: frame.sp })).toBeUndefined();
    expect(read({ kernelStack: undefined })).toBeUndefined();
    expect(read({ kernelStack: 0n, stackLimit: undefined })).toBeUndefined();
    expect(read({ kernelStack: thread.kernelStack! + 8n })).toBeUndefined();
  });

  it('U-46 are not known on arm64', async () => {
    const machine = buildMachine({ architecture: 'arm64' });
    const { system } = await open(machine);
    const thread = threadAt(machine, callers(machine)[1]!, 0x40n);
    expect(readSwitchedThread(system.target, thread, system.symbols)).toBeUndefined();
  });
});
