import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HandBuiltMemory, x64 } from '../../test/hand-built-memory.ts';
import { runToEnd } from './search.ts';
import { type PhysicalSearch, searchPhysical } from './search-physical.ts';

const firstPage = 0x400;

function oneBit(value: bigint): boolean {
  return value !== 0n && (value & (value - 1n)) === 0n;
}

/** The documented rule, with plain arithmetic. */
function matches(value: bigint, { value: data, delta, pointerSize }: PhysicalSearch): boolean {
  const bits = pointerSize * 8;
  const lowest = BigInt.asUintN(bits, data - delta);
  const distance = BigInt.asUintN(bits, value - lowest);
  return distance <= delta * 2n || oneBit(value ^ lowest);
}

describe('searchPhysical', () => {
  it('finds what the rule says, in the pages that are there', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(4 as const, 8 as const),
        fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
        fc.constantFrom(0n, 1n, 4n, 0x1_0000_0000n),
        fc.array(
          fc.tuple(
            fc.nat(4),
            fc.nat(0xff),
            fc.bigInt({ min: -0x1_0000_0005n, max: 0x1_0000_0005n }),
            fc.nat(63),
          ),
          { maxLength: 30 },
        ),
        fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
        fc.nat(5),
        fc.nat(5),
        (pointerSize, typed, wide, plants, present, first, last) => {
          const bits = pointerSize * 8;
          const value = BigInt.asUintN(bits, typed);
          const delta = pointerSize === 4 ? wide & 0xffn : wide;
          const built = new HandBuiltMemory(x64);
          for (let page = 0; page < 5; page++) built.page((firstPage + page) * 0x1000);
          for (const [page, slot, off, bit] of plants) {
            const bytes = new DataView(built.page((firstPage + page) * 0x1000).buffer);
            const planted = BigInt.asUintN(bits, off < 0n ? value ^ (1n << BigInt(bit)) : value + off);
            if (pointerSize === 8) bytes.setBigUint64(slot * 8, planted, true);
            else bytes.setUint32(slot * 4, Number(planted), true);
          }
          const expected: [number, bigint][] = [];
          const search = { value, delta, pointerSize, first: firstPage + first, last: firstPage + last };
          present.forEach((there, page) => {
            if (!there) built.drop((firstPage + page) * 0x1000);
            if (!there || page < first || page > last) return;
            const bytes = new DataView(built.page((firstPage + page) * 0x1000).buffer);
            for (let at = 0; at < 0x1000; at += pointerSize) {
              const word =
                pointerSize === 8 ? bytes.getBigUint64(at, true) : BigInt(bytes.getUint32(at, true));
              if (matches(word, search)) expected.push([(firstPage + page) * 0x1000 + at, word]);
            }
          });
          const { hits } = runToEnd(searchPhysical(built.build(), search));
          expect(hits.map(({ pa, value: found }) => [pa, found])).toEqual(expected);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('looks at every page of the dump when it is not told otherwise, and stops at its limit', () => {
    const built = new HandBuiltMemory(x64);
    for (const page of [0x500, 0x501, 0x700]) built.page(page * 0x1000).fill(7);
    const search = { value: 0x0707_0707_0707_0707n, delta: 0n, pointerSize: 8 } as const;
    const all = runToEnd(searchPhysical(built.build(), search));
    expect(all.hits).toHaveLength(3 * 512);
    expect(all.pages).toBe(4);
    const some = runToEnd(searchPhysical(built.build(), { ...search, limit: 600 }));
    expect(some.hits).toHaveLength(600);
    expect(some.resumeAt).toBe(0x501);
  });
});
