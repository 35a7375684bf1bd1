import { describe, expect, it } from 'vitest';
import { decodeTrapFrame } from './trap-frame.ts';

/** A frame whose every register field holds its own offset. */
function frame64(exceptionActive: number): Uint8Array {
  const bytes = new Uint8Array(0x190);
  const view = new DataView(bytes.buffer);
  for (let at = 0x30; at < 0x190; at += 8) view.setBigUint64(at, BigInt(at), true);
  bytes[0x2b] = exceptionActive;
  return bytes;
}

/** A kernel-mode frame of x86 with the volatile registers `shift` bytes earlier than in Windows 7. */
function frame32(shift: number): Uint8Array {
  const bytes = new Uint8Array(0x8c);
  const view = new DataView(bytes.buffer);
  view.setUint32(0x34 - shift, 0x23, true);
  view.setUint32(0x38 - shift, 0x23, true);
  view.setUint32(0x3c - shift, 0xed0, true);
  view.setUint32(0x44 - shift, 0xea0, true);
  view.setUint32(0x68, 0x80001000, true);
  view.setUint32(0x6c, 0x08, true);
  return bytes;
}

/** A frame of arm64 whose register fields hold their own offsets, but for these. */
function frameOfArm64({ pc = 0x2000n, sp = 0x1000n, spsr = 0x6000_0044, mode = 0 }): Uint8Array {
  const bytes = new Uint8Array(0x150);
  const view = new DataView(bytes.buffer);
  for (let at = 0xa0; at < 0x150; at += 8) view.setBigUint64(at, BigInt(at), true);
  view.setUint8(3, mode);
  view.setUint32(0x90, spsr, true);
  view.setBigUint64(0x98, sp, true);
  view.setBigUint64(0x148, pc, true);
  return bytes;
}

describe('decodeTrapFrame', () => {
  it('C-3 takes the volatile registers and rbp from every x64 frame', () => {
    const registers = decodeTrapFrame('x64', frame64(1), 0n)!;
    expect(['rax', 'rcx', 'r11', 'rbp', 'rip', 'rsp'].map((name) => registers.get(name))).toEqual([
      0x30n,
      0x38n,
      0x60n,
      0x158n,
      0x168n,
      0x180n,
    ]);
    expect(['r12', 'r13', 'r14', 'r15'].map((name) => registers.get(name))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('knows rbx, rsi and rdi only in the frame of a system call', () => {
    const names = ['rbx', 'rdi', 'rsi'];
    for (const active of [0, 1]) {
      const registers = decodeTrapFrame('x64', frame64(active), 0n)!;
      expect(names.map((name) => registers.get(name))).toEqual([undefined, undefined, undefined]);
    }
    const service = decodeTrapFrame('x64', frame64(2), 0n)!;
    expect(names.map((name) => service.get(name))).toEqual([0x140n, 0x148n, 0x150n]);
  });

  it.each([0, 4])('C-6 finds the registers of an x86 frame shifted by %i bytes by its selectors', (shift) => {
    const registers = decodeTrapFrame('x86', frame32(shift), 0xffffffff98c14d6cn)!;
    expect(['eax', 'edx', 'ds', 'es', 'eip'].map((name) => registers.get(name))).toEqual([
      0xea0n,
      0xed0n,
      0x23n,
      0x23n,
      0x80001000n,
    ]);
    // The processor pushes no esp from kernel mode: it was right behind the frame's last pushed field.
    expect(registers.get('esp')).toBe(0x98c14d6cn + 0x74n);
  });

  it('C-7 takes x0 to x18 and the pointers from an arm64 frame, and not x19 to x28', () => {
    const registers = decodeTrapFrame('arm64', frameOfArm64({}), 0n)!;
    expect(['x0', 'x18', 'lr', 'fp', 'sp', 'pc', 'cpsr'].map((name) => registers.get(name))).toEqual([
      0xa0n,
      0x130n,
      0x138n,
      0x140n,
      0x1000n,
      0x2000n,
      0x6000_0044n,
    ]);
    expect(['x19', 'x28'].map((name) => registers.get(name))).toEqual([undefined, undefined]);
  });

  it.each([{ pc: 0n }, { pc: 0x2002n }, { sp: 0n }, { sp: 0x1008n }, { spsr: 0x6000_0010 }, { mode: 2 }])(
    'takes bytes for no arm64 frame with %o',
    (changes) => {
      expect(decodeTrapFrame('arm64', frameOfArm64(changes), 0n)).toBeUndefined();
    },
  );

  it('gives nothing for too few bytes', () => {
    expect(decodeTrapFrame('x64', new Uint8Array(0x18f), 0n)).toBeUndefined();
    expect(decodeTrapFrame('arm64', frameOfArm64({}).subarray(1), 0n)).toBeUndefined();
    expect(decodeTrapFrame('arm64', new Uint8Array(0x400), 0n)).toBeUndefined();
  });
});
