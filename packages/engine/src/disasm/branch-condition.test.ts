import { describe, expect, it } from 'vitest';
import { type Machine, RegisterSet } from '../cpu/index.ts';
import { isBranchTaken, loadDisassembler } from './index.ts';

async function taken(machine: Machine, code: readonly number[], registers: Readonly<Record<string, bigint>>) {
  const instruction = (await loadDisassembler(machine)).decode(Uint8Array.from(code), 0x1000n)!;
  return isBranchTaken(instruction, new RegisterSet(machine, Object.entries(registers)));
}

/** Flags of efl. */
const bits = { c: 1, p: 4, z: 0x40, s: 0x80, o: 0x800 };

describe('x64 conditions', () => {
  it('agree with the processor manual for every condition and every state of the flags', async () => {
    /** Conditions 0 to 14 by their number in the opcode; each odd one is the opposite of the one before. */
    const rules = [
      (f: number) => (f & bits.o) !== 0,
      (f: number) => (f & bits.c) !== 0,
      (f: number) => (f & bits.z) !== 0,
      (f: number) => (f & (bits.c | bits.z)) !== 0,
      (f: number) => (f & bits.s) !== 0,
      (f: number) => (f & bits.p) !== 0,
      (f: number) => ((f & bits.s) !== 0) !== ((f & bits.o) !== 0),
      (f: number) => (f & bits.z) !== 0 || ((f & bits.s) !== 0) !== ((f & bits.o) !== 0),
    ];
    for (let state = 0; state < 32; state++) {
      const flags = Object.values(bits).reduce(
        (sum, bit, index) => sum | ((state >> index) & 1 ? bit : 0),
        0x202,
      );
      for (let condition = 0; condition < 16; condition++) {
        const expected = rules[condition >> 1]!(flags) !== ((condition & 1) === 1);
        expect([condition, flags, await taken('x64', [0x70 + condition, 0], { efl: BigInt(flags) })]).toEqual(
          [condition, flags, expected],
        );
      }
    }
  });

  it('look at the counter', async () => {
    expect(await taken('x64', [0xe3, 0], { rcx: 0n })).toBe(true);
    expect(await taken('x64', [0xe3, 0], { rcx: 1n << 32n })).toBe(false);
    expect(await taken('x64', [0x67, 0xe3, 0], { rcx: 1n << 32n })).toBe(true);
    expect(await taken('x64', [0xe2, 0], { rcx: 1n })).toBe(false);
    expect(await taken('x64', [0xe2, 0], { rcx: 0n })).toBe(true);
    expect(await taken('x64', [0x67, 0xe2, 0], { rcx: 0x1_0000_0001n })).toBe(false);
    expect(await taken('x64', [0xe1, 0], { rcx: 2n, efl: 0x40n })).toBe(true);
    expect(await taken('x64', [0xe1, 0], { rcx: 2n, efl: 0n })).toBe(false);
    expect(await taken('x64', [0xe0, 0], { rcx: 2n, efl: 0x40n })).toBe(false);
    expect(await taken('x86', [0xe3, 0], { ecx: 0n })).toBe(true);
  });

  it('are unknown without flags, and no question for other instructions', async () => {
    expect(await taken('x64', [0x75, 0], {})).toBeUndefined();
    expect(await taken('x64', [0xe3, 0], {})).toBeUndefined();
    expect(await taken('x64', [0xeb, 0], { efl: 0n })).toBeUndefined();
  });
});

describe('arm64 conditions', () => {
  it('agree with the architecture manual for every condition and every state of the flags', async () => {
    for (let state = 0; state < 16; state++) {
      const n = (state & 8) !== 0;
      const z = (state & 4) !== 0;
      const c = (state & 2) !== 0;
      const v = (state & 1) !== 0;
      const rules = [z, c, n, v, c && !z, n === v, n === v && !z];
      for (let condition = 0; condition < 14; condition++) {
        const expected = rules[condition >> 1]! !== ((condition & 1) === 1);
        const code = [0x40 | condition, 0, 0, 0x54];
        expect([condition, state, await taken('arm64', code, { cpsr: BigInt(state) << 28n })]).toEqual([
          condition,
          state,
          expected,
        ]);
      }
    }
  });

  it('look at registers and their bits', async () => {
    const cbzX19 = [0x93, 0x02, 0x00, 0xb4];
    const cbnzW8 = [0x28, 0x01, 0x00, 0x35];
    const tbzW8bit16 = [0x08, 0x02, 0x80, 0x36];
    const tbnzX17bit40 = [0x11, 0x02, 0x40, 0xb7];
    expect(await taken('arm64', cbzX19, { x19: 0n })).toBe(true);
    expect(await taken('arm64', cbzX19, { x19: 1n << 40n })).toBe(false);
    expect(await taken('arm64', cbnzW8, { x8: 1n << 40n })).toBe(false);
    expect(await taken('arm64', cbnzW8, { x8: 1n })).toBe(true);
    expect(await taken('arm64', tbzW8bit16, { x8: 0x1_0000n })).toBe(false);
    expect(await taken('arm64', tbzW8bit16, { x8: 0xeffffn })).toBe(true);
    expect(await taken('arm64', tbnzX17bit40, { x17: 1n << 40n })).toBe(true);
    expect(await taken('arm64', cbzX19, {})).toBeUndefined();
  });
});
