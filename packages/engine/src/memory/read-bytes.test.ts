import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HandBuiltMemory, shapes, x64 } from '../../test/hand-built-memory.ts';
import { Fault, type Va } from '../base/index.ts';
import { BlockCache, BufferSource } from '../io/index.ts';
import { BlockMemory, PagedMemory, type VirtualMemory } from '../mmu/index.ts';
import { compareMemory } from './compare.ts';
import { readBytes, readInto, readPhysicalBytes } from './read-bytes.ts';
import { runToEnd } from './search.ts';

const pages = fc.array(fc.constantFrom('x', 'x', '.', '-'), { minLength: 4, maxLength: 4 });
const size = 0x4000;

/** `x`: there; `-`: mapped and not in the dump; `.`: not mapped. The plain bytes are -1 where nothing is. */
function build(
  kinds: readonly string[],
  shape = x64,
): { memory: PagedMemory; built: HandBuiltMemory; plain: Int16Array } {
  const built = new HandBuiltMemory(shape);
  const plain = new Int16Array(size).fill(-1);
  kinds.forEach((kind, index) => {
    if (kind === '.') return;
    const pa = 0x80_0000 + (3 - index) * 0x1000;
    plain.set(built.map(shape.kernel + BigInt(index * 0x1000), pa), index * 0x1000);
    if (kind === '-') {
      built.drop(pa);
      plain.fill(-1, index * 0x1000, (index + 1) * 0x1000);
    }
  });
  return { memory: new PagedMemory(built.build(), shape.setup), built, plain };
}

const shown = (bytes: Uint8Array, mask: Uint8Array): number[] =>
  Array.from(bytes, (byte, index) => (mask[index] === 1 ? byte : -1));

describe('readBytes', () => {
  it('reads what is there, and marks what is not', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...shapes),
        pages,
        fc.nat(size),
        fc.nat(0x3000),
        (shape, kinds, from, length) => {
          const { memory, plain } = build(kinds, shape);
          const { address, bytes, mask } = readBytes(memory, shape.kernel + BigInt(from), length);
          expect(address).toBe(shape.kernel + BigInt(from));
          const expected = Array.from({ length }, (_, index) => plain[from + index] ?? -1);
          expect(shown(bytes, mask)).toEqual(expected);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('ends at the top of the address space', () => {
    const built = new HandBuiltMemory(x64);
    built.map(0xffff_ffff_ffff_f000n, 0x9000);
    const { mask } = readBytes(new PagedMemory(built.build(), x64.setup), 0xffff_ffff_ffff_fff0n, 0x40);
    expect([...mask.keys()].filter((at) => mask[at] === 1)).toEqual([...new Array(0x10).keys()]);
  });

  it('reads memory that can only be asked for arrays', () => {
    const memory: VirtualMemory = {
      kind: 'blocks',
      tryRead: (va, length) =>
        va >= 100n
          ? new Fault('not-in-dump', va)
          : length > 4
            ? new Fault('not-in-dump', va + 4n, { got: Uint8Array.of(1, 2, 3, 4) })
            : new Uint8Array(length),
      tryReadU64: (va) => new Fault('not-in-dump', va),
      tryReadU32: (va) => new Fault('not-in-dump', va),
      nextCandidate: () => undefined,
    };
    const target = new Uint8Array(8);
    expect(readInto(memory, 0n, target)).toBe(4);
    expect([...target]).toEqual([1, 2, 3, 4, 0, 0, 0, 0]);
    expect(readInto(memory, 100n, target)).toBe(0);
  });
});

describe('readPhysicalBytes', () => {
  it('reads what is there, and marks what is not', () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
        fc.nat(0x5000),
        fc.nat(0x3000),
        (present, from, length) => {
          const built = new HandBuiltMemory(x64);
          const plain = new Int16Array(0x8000).fill(-1);
          present.forEach((there, index) => {
            const page = built.fill(0x40_0000 + index * 0x1000);
            if (there) plain.set(page, index * 0x1000);
            else built.drop(0x40_0000 + index * 0x1000);
          });
          const { bytes, mask } = readPhysicalBytes(built.build(), 0x40_0000 + from, length);
          expect(shown(bytes, mask)).toEqual(Array.from(plain.subarray(from, from + length)));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('gives the start of a page that the file cuts off', () => {
    const built = new HandBuiltMemory(x64);
    built.fill(0x40_0000);
    built.cut = 0x100;
    const physical = built.build();
    const fault = physical.tryRead(0x40_0000, 0x1000);
    expect(fault).toMatchObject({ kind: 'truncated', at: 0x40_0f00n });
    const { mask } = readPhysicalBytes(physical, 0x40_0000, 0x1000);
    expect(mask.filter((there) => there === 0)).toHaveLength(0x100);
  });
});

describe('compareMemory', () => {
  it('finds what a plain loop finds', () => {
    fc.assert(
      fc.property(pages, fc.nat(size), fc.nat(size), fc.nat(0x2800), (kinds, a, b, length) => {
        const { memory, plain } = build(kinds);
        const at = (offset: number): number => plain[offset] ?? -1;
        const range = { start: x64.kernel + BigInt(a), end: x64.kernel + BigInt(a + length) };
        const result = runToEnd(compareMemory(memory, range, x64.kernel + BigInt(b)));
        const both = Array.from({ length }, (_, index) => [at(a + index), at(b + index)] as const);
        const compared = both.filter(([x, y]) => x >= 0 && y >= 0);
        expect(result.compared).toBe(compared.length);
        expect(result.missing).toBe(BigInt(length - compared.length));
        const expected = both.flatMap(([x, y], index) =>
          x >= 0 && y >= 0 && x !== y
            ? [[x64.kernel + BigInt(a + index), x, x64.kernel + BigInt(b + index), y]]
            : [],
        );
        const found = result.differences.map((each) => [
          each.first,
          each.firstByte,
          each.second,
          each.secondByte,
        ]);
        expect(found).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  it('skips what is not mapped, and stops when there is too much', () => {
    const bytes = new Uint8Array(0x3_0000).map((_, index) => (index < 0x1_8000 ? 1 : 2));
    const base: Va = 0xffff_f800_0000_0000n;
    const memory = new BlockMemory(new BlockCache(new BufferSource(bytes)), [
      { kind: 'stack', va: base, size: bytes.length, offset: 0 },
    ]);
    const whole = runToEnd(compareMemory(memory, { start: 0n, end: 1n << 64n }, base));
    expect(whole.compared).toBe(0);
    const many = runToEnd(compareMemory(memory, { start: base, end: base + 0x1_8000n }, base + 0x1_8000n));
    expect(many.differences).toHaveLength(0x1_0000);
    expect(many.resumeAt).toBe(base + 0x1_0000n);
  });
});
