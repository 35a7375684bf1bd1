import { describe, expect, it } from 'vitest';
import { RegisterSet } from '../cpu/index.ts';
import { type Frame, frameRegisters, type Trust } from './index.ts';

const frame = (trust: Trust, registers: Readonly<Record<string, bigint>>): Frame => ({
  ip: registers['rip'] ?? 0n,
  sp: registers['rsp'] ?? 0n,
  trust,
  registers: new RegisterSet('x64', Object.entries(registers)),
});

/** A bug check in a function that was called by a trap handler, and what the trap interrupted. */
const frames = [
  frame('context', { rip: 1n, rsp: 1n, rbx: 1n, rax: 1n, rcx: 1n, ds: 0x2bn, efl: 0x46n }),
  frame('unwind', { rip: 2n, rsp: 2n, rbx: 2n, ds: 0x2bn }),
  frame('trap', { rip: 3n, rsp: 3n, rbx: 3n, rcx: 3n, cs: 0x10n, efl: 0x86n }),
  frame('scan', { rip: 4n, rsp: 4n }),
];

describe('registers of a frame', () => {
  it('U-44 are its own as far as they are known', () => {
    expect(frameRegisters(frames, 0)).toMatchObject({ carried: {}, registers: { rax: 1n, rcx: 1n } });
    const { registers } = frameRegisters(frames, 2)!;
    expect(registers).toMatchObject({ rip: 3n, rbx: 3n, rcx: 3n });
  });

  it('U-44 are completed by the volatile ones of the interrupted code below, which are named', () => {
    const called = frameRegisters(frames, 1)!;
    expect(called.registers).toEqual({ rip: 2n, rsp: 2n, rbx: 2n, ds: 0x2bn, rax: 1n, rcx: 1n, efl: 0x46n });
    expect(called.carried).toEqual({ rax: 0, rcx: 0, efl: 0 });
    const above = frameRegisters(frames, 3)!;
    // rax was not known where the code was interrupted; the segment registers hardly ever change.
    expect(above.registers).toEqual({ rip: 4n, rsp: 4n, rcx: 3n, efl: 0x86n, cs: 0x10n, ds: 0x2bn });
    expect(above.carried).toEqual({ rcx: 2, efl: 2, cs: 2, ds: 0 });
  });

  it('U-44 never take a nonvolatile register from another frame', () => {
    expect(frameRegisters(frames, 3)!.registers).not.toHaveProperty('rbx');
  });

  it('U-44 are undefined for a frame that is not there', () => {
    expect(frameRegisters(frames, 4)).toBeUndefined();
    expect(frameRegisters(frames, -1)).toBeUndefined();
    expect(frameRegisters([], 0)).toBeUndefined();
  });
});
