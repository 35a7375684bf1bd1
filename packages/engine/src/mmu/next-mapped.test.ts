import { describe, expect, it } from 'vitest';
import {
  HandBuiltMemory,
  la57,
  pae,
  shapes,
  type TableShape,
  x64,
  x86,
} from '../../test/hand-built-memory.ts';
import { Fault } from '../base/index.ts';
import { PagedMemory } from './paged-memory.ts';

const open = (built: HandBuiltMemory) => new PagedMemory(built.build(), built.shape.setup);

/** Start of the span that one entry of a level covers. */
const spanOf = (shape: TableShape, va: bigint, level: number) => {
  const size = 1n << BigInt(shape.shifts.at(level)!);
  return { size, start: (va / size) * size };
};

describe.each(shapes)('nextCandidate, $name', (shape) => {
  const { kernel } = shape;

  it('leads to the next mapped page of the table', () => {
    const built = new HandBuiltMemory(shape);
    built.map(kernel + 0x5000n, 0x7000);
    expect(open(built).nextCandidate(kernel)).toBe(kernel + 0x5000n);
    expect(open(built).nextCandidate(kernel + 0x4fffn)).toBe(kernel + 0x5000n);
    expect(open(built).nextCandidate(kernel + 0x5000n)).toBeUndefined();
  });

  it('skips a table that is not there, and tables that lead nowhere', () => {
    const built = new HandBuiltMemory(shape);
    const { size, start } = spanOf(shape, kernel, -2);
    const [absent, far] = [start + size, start + 3n * size];
    built.map(kernel, 0x7000);
    built.map(absent, 0x8000);
    built.drop(built.entryAt(absent, shape.shifts.length - 1));
    built.map(far + 0x2000n, 0x9000);
    const memory = open(built);
    expect(memory.nextCandidate(kernel + 0x1000n)).toBe(far);
    expect(memory.nextCandidate(absent)).toBe(far);
    expect(memory.nextCandidate(far)).toBe(far + 0x2000n);
  });

  it('skips pages that are mapped and not in the dump', () => {
    const built = new HandBuiltMemory(shape);
    for (const index of [0n, 1n, 2n, 3n])
      built.map(kernel + index * 0x1000n, 0x7000 + Number(index) * 0x1000);
    built.drop(0x8000);
    built.drop(0x9000);
    expect(open(built).nextCandidate(kernel + 0x1000n)).toBe(kernel + 0x3000n);
  });

  it('leads from any address to every readable page above it', () => {
    const built = new HandBuiltMemory(shape);
    const { size, start } = spanOf(shape, kernel, -2);
    const mapped = [0x1000n, 0x3000n, size - 0x1000n, size, 5n * size + 0x7000n].map((at) => start + at);
    for (const [index, va] of mapped.entries()) built.map(va, 0x7000 + index * 0x1000);
    const memory = open(built);
    const seen: bigint[] = [];
    for (let va: bigint | undefined = start; va !== undefined; va = memory.nextCandidate(va)) {
      if (!(memory.tryRead(va, 1) instanceof Fault)) seen.push(va);
      expect(seen.length).toBeLessThan(100);
    }
    expect(seen).toEqual(mapped);
  });
});

describe('nextCandidate', () => {
  it('leads from the user half and from between the halves to the kernel', () => {
    for (const [shape, upper] of [
      [x64, 0xffff_8000_0000_0000n],
      [la57, 0xff00_0000_0000_0000n],
    ] as const) {
      const built = new HandBuiltMemory(shape);
      built.map(shape.kernel, 0x7000);
      const memory = open(built);
      const { start } = spanOf(shape, shape.kernel, 0);
      expect(memory.nextCandidate(0n)).toBe(start);
      expect(memory.nextCandidate(1n << 60n)).toBe(upper);
      expect(memory.nextCandidate(upper)).toBe(start);
      expect(memory.nextCandidate(0xffff_ffff_ffff_ffffn)).toBeUndefined();
    }
  });

  it.each([pae, x86])('keeps the form of a 32-bit address, $name', (shape) => {
    const built = new HandBuiltMemory(shape);
    const short = BigInt.asUintN(32, shape.kernel);
    built.map(shape.kernel, 0x7000);
    const memory = open(built);
    expect(memory.nextCandidate(short - 0x1000n)).toBe(short);
    expect(memory.nextCandidate(shape.kernel - 0x1000n)).toBe(shape.kernel);
    expect(memory.nextCandidate(short)).toBeUndefined();
    expect(memory.nextCandidate(0xffff_ffffn)).toBeUndefined();
    expect(memory.nextCandidate(0x1_0000_0000n)).toBe(0xffff_ffff_8000_0000n);
  });

  it('goes through a large page page by page, for parts of it may be saved', () => {
    const built = new HandBuiltMemory(x64);
    const large = 0xffff_f800_1120_0000n;
    built.putEntry(built.entryAt(large, 2), 0x40_00e3n);
    built.map(large + 0x20_3000n, 0x7000);
    const memory = open(built);
    expect(memory.nextCandidate(large - 0x1000n)).toBe(large);
    expect(memory.nextCandidate(large + 0x5123n)).toBe(large + 0x6000n);
    expect(memory.nextCandidate(large + 0x1f_f000n)).toBe(large + 0x20_0000n);
    expect(memory.nextCandidate(large + 0x20_0000n)).toBe(large + 0x20_3000n);
  });

  it('stops at pages in transition and at prototypes, and not at other entries that are not valid', () => {
    const built = new HandBuiltMemory(x64);
    const entries = [0n, 0x80n, 0x200n, (7n << 32n) | 0x1090n, 0x7890n, 0xffff_a801_2345_0480n];
    for (const [index, entry] of entries.entries()) built.putPte(x64.kernel + BigInt(index) * 0x1000n, entry);
    const memory = open(built);
    expect(memory.nextCandidate(x64.kernel)).toBe(x64.kernel + 0x4000n);
    expect(memory.nextCandidate(x64.kernel + 0x4000n)).toBe(x64.kernel + 0x5000n);
    expect(memory.nextCandidate(x64.kernel + 0x5000n)).toBeUndefined();
  });

  it('knows nothing above an address when the root is not in the dump', () => {
    const built = new HandBuiltMemory(x64);
    built.drop(x64.setup.directoryTableBase);
    expect(open(built).nextCandidate(x64.kernel)).toBeUndefined();
  });
});
