import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HandBuiltMemory, root, shapes, type TableShape } from '../../test/hand-built-memory.ts';
import { Fault, readU64, wrap64 } from '../base/index.ts';
import type { PhysicalMemory } from '../dump/index.ts';
import { detectPaging } from './detect-paging.ts';
import { PagedMemory } from './paged-memory.ts';
import { selfMapSlot } from './self-map.ts';

/** A few frames, so that tables point to one another and to themselves. */
const frames = Array.from({ length: 6 }, (_, index) => root + index * 0x1000);

/** Entries of all kinds over those frames, and any others. */
const entry = fc.oneof(
  fc
    .record({
      frame: fc.constantFrom(...frames, 0x7000, 0x7f_ffff_f000),
      flags: fc.bigInt(0n, 0xfffn),
      top: fc.bigInt(0n, 0xffffn),
    })
    .map(({ frame, flags, top }) => (top << 48n) | BigInt(frame) | flags),
  fc
    .record({
      frame: fc.constantFrom(...frames),
      flags: fc.constantFrom(0x67n, 0x63n, 0xe3n, 0x3n, 0x1n, 0x890n, 0x880n, 0x403n),
    })
    .map(({ frame, flags }) => BigInt(frame) | flags),
  fc.bigInt(0n, 0xffff_ffff_ffff_ffffn),
);

/** Tables in which every slot takes one of a few entries, in turn. */
const tables = fc.array(fc.array(entry, { minLength: 1, maxLength: 7 }), {
  minLength: frames.length,
  maxLength: frames.length,
});
const holes = fc.uniqueArray(fc.constantFrom(...frames), { maxLength: 2 });
const address = fc.oneof(
  fc.bigInt(0n, 0xffff_ffff_ffff_ffffn),
  fc.bigInt(0n, 0xffff_ffffn),
  fc.bigInt(0xffff_8000_0000_0000n, 0xffff_ffff_ffff_ffffn),
);
const builds = fc.constantFrom(undefined, 2600, 7601, 16299, 19041, 22621);

function built(
  shape: TableShape,
  contents: readonly (readonly bigint[])[],
  missing: readonly number[],
  cut: number,
): PhysicalMemory {
  const memory = new HandBuiltMemory(shape);
  for (const [at, entries] of contents.entries()) {
    const slots = 0x1000 / shape.entrySize;
    for (let slot = 0; slot < slots; slot++) {
      memory.putEntry(
        frames[at]! + slot * shape.entrySize,
        BigInt.asUintN(shape.entrySize * 8, entries[slot % entries.length]!),
      );
    }
  }
  for (const pa of missing) memory.drop(pa);
  memory.cut = cut;
  return memory.build();
}

/** Bytes of one page by the walk alone: translate, then physical memory; what there is of them. */
function byTranslation(
  memory: PagedMemory,
  physical: PhysicalMemory,
  va: bigint,
  length: number,
): Uint8Array {
  const { pa } = memory.translate(va);
  const read = pa === undefined ? undefined : physical.tryRead(pa, length);
  return read instanceof Uint8Array ? read : (read?.got ?? new Uint8Array(0));
}

describe.each(shapes)('arbitrary tables, $name', (shape) => {
  const scene = fc.record({
    contents: tables,
    missing: holes,
    cut: fc.constantFrom(0, 0x10, 0x1234),
    build: builds,
  });

  it('P-2: every walk ends, and nothing throws', () => {
    fc.assert(
      fc.property(
        scene,
        fc.array(address, { minLength: 5, maxLength: 20 }),
        ({ contents, missing, cut, build }, addresses) => {
          const physical = built(shape, contents, missing, cut);
          const memory = new PagedMemory(physical, { ...shape.setup, build });
          for (const va of addresses) {
            const { entries } = memory.translate(va);
            expect(entries.length).toBeLessThanOrEqual(shape.shifts.length);
            for (const read of [memory.tryReadU64(va), memory.tryReadU32(va), memory.tryRead(va, 40)]) {
              if (read instanceof Fault) expect(read.got.length).toBeLessThan(40);
            }
            const next = memory.nextCandidate(va);
            if (next !== undefined) expect(next).toBeGreaterThan(va);
          }
          selfMapSlot(physical, shape.setup);
          detectPaging(physical, { machine: shape.setup.machine, directoryTableBase: root }, addresses);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('what is read is what translation and physical memory give, to the last byte', () => {
    fc.assert(
      fc.property(
        scene,
        fc.array(address, { minLength: 1, maxLength: 8 }),
        fc.nat(9000),
        ({ contents, missing, cut, build }, addresses, length) => {
          const physical = built(shape, contents, missing, cut);
          const memory = new PagedMemory(physical, { ...shape.setup, build });
          for (const va of addresses) {
            const read = memory.tryRead(va, length);
            const bytes = read instanceof Fault ? read.got : read;
            for (let at = 0; at < bytes.length; ) {
              const part = Math.min(bytes.length - at, 0x1000 - Number((va + BigInt(at)) & 0xfffn));
              const same = byTranslation(memory, physical, va + BigInt(at), part);
              expect(Buffer.compare(same, bytes.subarray(at, at + part))).toBe(0);
              at += part;
            }
            if (!(read instanceof Fault)) continue;
            expect(read.at).toBe(wrap64(va + BigInt(bytes.length)));
            if (read.at === va + BigInt(bytes.length))
              expect(byTranslation(memory, physical, read.at, 1)).toHaveLength(0);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('the fast ways agree with the general one, first and again', () => {
    fc.assert(
      fc.property(
        scene,
        fc.array(address, { minLength: 1, maxLength: 8 }),
        ({ contents, missing, cut, build }, addresses) => {
          const physical = built(shape, contents, missing, cut);
          const memory = new PagedMemory(physical, { ...shape.setup, build });
          for (const va of [...addresses, ...addresses]) {
            const fresh = new PagedMemory(physical, { ...shape.setup, build }).tryRead(va, 8);
            const fast = memory.tryReadU64(va);
            if (fresh instanceof Fault) expect(fast).toEqual(fresh);
            else expect(fast).toBe(readU64(fresh, 0));
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});
