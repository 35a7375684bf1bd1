import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Machine, RegisterSet } from '../cpu/index.ts';
import { effectiveAddress, loadDisassembler } from './index.ts';

const mask64 = 0xffff_ffff_ffff_ffffn;

async function addressOf(
  machine: Machine,
  code: Uint8Array,
  at: bigint,
  registers: Readonly<Record<string, bigint>>,
) {
  const instruction = (await loadDisassembler(machine)).decode(code, at)!;
  return effectiveAddress(
    instruction.memory[0]!,
    instruction,
    new RegisterSet(machine, Object.entries(registers)),
  );
}

const littleEndian = (value: number, size: number): number[] =>
  Array.from({ length: size }, (_, index) => (value >> (8 * index)) & 0xff);

const u64 = fc.bigInt({ min: 0n, max: mask64 });
const i32 = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });
const names = ['rax', 'rcx', 'rdx', 'rbx', 'rsp', 'rbp', 'rsi', 'rdi'];

describe('x64', () => {
  it('adds base, scaled index and displacement', async () => {
    const registers = fc.tuple(...names.map(() => u64));
    const index = fc.constantFrom(0, 1, 2, 3, 5, 6, 7);
    await fc.assert(
      fc.asyncProperty(
        registers,
        fc.nat(7),
        index,
        fc.nat(3),
        i32,
        async (values, base, indexed, scale, displacement) => {
          // mov rax,[base + index * 2^scale + disp32]
          const code = Uint8Array.from([
            0x48,
            0x8b,
            0x84,
            (scale << 6) | (indexed << 3) | base,
            ...littleEndian(displacement, 4),
          ]);
          const expected =
            (values[base]! + (values[indexed]! << BigInt(scale)) + BigInt(displacement)) & mask64;
          const set = Object.fromEntries(names.map((name, place) => [name, values[place]!]));
          expect(await addressOf('x64', code, 0n, set)).toBe(expected);
        },
      ),
    );
  });

  it('counts ip-relative addresses from the next instruction', async () => {
    await fc.assert(
      fc.asyncProperty(u64, i32, async (at, displacement) => {
        const code = Uint8Array.from([0x48, 0x8b, 0x05, ...littleEndian(displacement, 4)]);
        expect(await addressOf('x64', code, at, {})).toBe((at + 7n + BigInt(displacement)) & mask64);
      }),
    );
  });

  it('keeps 32-bit addressing within 32 bits', async () => {
    // mov eax,[eax+ecx+8] with an address-size prefix
    const code = Uint8Array.from([0x67, 0x8b, 0x44, 0x08, 0x08]);
    expect(await addressOf('x64', code, 0n, { rax: 0x1_ffff_fff0n, rcx: 0x5_0000_0010n })).toBe(8n);
  });

  it('needs the base of gs, and every register', async () => {
    const gs = Uint8Array.from([0x65, 0x48, 0x8b, 0x04, 0x25, 0x88, 0x01, 0, 0]);
    expect(await addressOf('x64', gs, 0n, {})).toBeUndefined();
    expect(await addressOf('x64', gs, 0n, { gsbase: 0xfffff800_0000_0000n })).toBe(0xfffff800_0000_0188n);
    const indexed = Uint8Array.from([0x48, 0x8b, 0x04, 0x08]);
    expect(await addressOf('x64', indexed, 0n, { rax: 1n })).toBeUndefined();
  });
});

describe('x86', () => {
  it('wraps at 32 bits and sign-extends', async () => {
    const code = Uint8Array.from([0x8b, 0x80, 0x00, 0x00, 0x00, 0x80]);
    expect(await addressOf('x86', code, 0n, { eax: 0x10n })).toBe(0xffff_ffff_8000_0010n);
    expect(await addressOf('x86', code, 0n, { eax: 0x8000_0010n })).toBe(0x10n);
  });

  it('wraps 16-bit addressing at 16 bits', async () => {
    // mov eax,[bx+si+4]
    const code = Uint8Array.from([0x67, 0x8b, 0x40, 0x04]);
    expect(await addressOf('x86', code, 0n, { ebx: 0x1234_fffen, esi: 0x9999_0003n })).toBe(5n);
  });
});

describe('arm64', () => {
  const word = (value: number): Uint8Array => Uint8Array.from(littleEndian(value, 4));

  it('adds displacements, and takes the base alone before a post-index', async () => {
    expect(await addressOf('arm64', word(0xf944c648), 0n, { x18: 0x1000n })).toBe(0x1988n);
    expect(await addressOf('arm64', word(0xf81f0c20), 0n, { x1: 0x1000n })).toBe(0xff0n);
    expect(await addressOf('arm64', word(0xf8408420), 0n, { x1: 0x1000n })).toBe(0x1000n);
  });

  it('widens and scales the index', async () => {
    const index = 0xabcd_0000_ffff_fffen;
    expect(await addressOf('arm64', word(0xb868d928), 0n, { x9: 0x1000n, x8: index })).toBe(0xff8n);
    expect(await addressOf('arm64', word(0xb8685928), 0n, { x9: 0x1000n, x8: index })).toBe(
      0x1000n + (0xffff_fffen << 2n),
    );
    expect(await addressOf('arm64', word(0xf8687928), 0n, { x9: 0x1000n, x8: 2n })).toBe(0x1010n);
  });

  it('counts literals from the instruction', async () => {
    expect(await addressOf('arm64', word(0x58000183), 0x1000n, {})).toBe(0x1030n);
  });
});
