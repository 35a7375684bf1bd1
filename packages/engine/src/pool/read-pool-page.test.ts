import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PlannedBlock, poolPage, writeSizes } from '../../test/pool-page.ts';
import { plainFormat } from './format.ts';
import type { PoolPage } from './page.ts';
import { examinePage } from './read-pool-page.ts';

const at = 0xffff_fa80_0123_4000n;
const pageSize = 0x1000;
const whole = () => new Uint8Array(pageSize).fill(1);

const examine = (bytes: Uint8Array, pointerSize: 4 | 8, mask = whole()): PoolPage =>
  examinePage({ address: at, bytes, mask, fault: undefined }, plainFormat(pointerSize));

const printable = fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code));
const tag = fc.array(printable, { minLength: 4, maxLength: 4 }).map((parts) => parts.join(''));
const type = fc.constantFrom(0, 2, 3, 4, 0xa, 0xb, 0x23);

/** A page cut into so many blocks at random places. */
const planned = (fewest: number) =>
  fc
    .constantFrom<4 | 8>(4, 8)
    .chain((pointerSize) => {
      const unit = pointerSize * 2;
      const cuts = fc.uniqueArray(fc.integer({ min: 1, max: pageSize / unit - 1 }), {
        minLength: fewest - 1,
        maxLength: 40,
      });
      return fc.record({
        pointerSize: fc.constant(pointerSize),
        cuts,
        tags: fc.array(tag, { minLength: 41, maxLength: 41 }),
        type,
      });
    })
    .map(({ pointerSize, cuts, tags, type: kind }) => {
      const unit = pointerSize * 2;
      const edges = [0, ...[...cuts].sort((a, b) => a - b), pageSize / unit];
      const blocks = edges.slice(1).map((edge, index): PlannedBlock & { readonly size: number } => ({
        tag: tags[index]!,
        size: (edge - edges[index]!) * unit,
        type: index % 3 === 0 ? 0 : (kind & 1) === 1 ? kind : kind & ~1,
      }));
      return { pointerSize, unit, blocks, offsets: edges.slice(0, -1).map((edge) => edge * unit) };
    })
    // A block of 256 units does not fit its own size field.
    .filter(({ blocks, unit }) => blocks.every(({ size }) => size / unit < 0x100 || unit === 8));

const anyBlock = (fewest: number) =>
  planned(fewest).chain((page) =>
    fc.record({ page: fc.constant(page), k: fc.integer({ min: 0, max: page.blocks.length - 1 }) }),
  );

describe('a page of small pool', () => {
  it('PL-1: reads back as it was written', () => {
    fc.assert(
      fc.property(planned(2), ({ pointerSize, blocks, offsets }) => {
        const page = examine(poolPage(pointerSize, at, blocks), pointerSize);
        expect(page).toMatchObject({
          verdict: 'whole',
          problems: [],
          unexplained: [],
          expected: [],
          bitErrors: [],
        });
        expect(
          page.blocks.map(({ address, size, tag: found, type: kind }) => [
            Number(address - at),
            size,
            found,
            kind,
          ]),
        ).toEqual(blocks.map((block, index) => [offsets[index], block.size, block.tag, block.type]));
      }),
      { numRuns: 200 },
    );
  });

  it('PL-2: a header that is gone is found, with the exact extent of its block', () => {
    fc.assert(
      fc.property(anyBlock(4), ({ page: { pointerSize, unit, blocks, offsets }, k }) => {
        const bytes = poolPage(pointerSize, at, blocks).fill(0, offsets[k], offsets[k]! + unit);
        const found = examine(bytes, pointerSize);
        const start = at + BigInt(offsets[k]!);
        const isLast = k === blocks.length - 1;
        expect(found.verdict).toBe('damaged');
        expect(found.unexplained).toEqual([
          { start, end: start + BigInt(blocks[k]!.size), reason: 'damaged' },
        ]);
        expect(found.problems).toEqual([
          { rule: k === 0 ? 'start' : isLast ? 'no-header' : 'header', at: start },
        ]);
        expect(found.blocks).toHaveLength(blocks.length - 1);
        expect(found.expected).toMatchObject([
          {
            at: start,
            previousSize: k === 0 ? 0 : blocks[k - 1]!.size,
            size: isLast ? undefined : blocks[k]!.size,
          },
        ]);
      }),
      { numRuns: 300 },
    );
  });

  it('PL-3: a wrong size is found, and what it was', () => {
    const input = anyBlock(3).chain((each) =>
      fc.record({ each: fc.constant(each), size: fc.integer({ min: 1, max: 0xff }) }),
    );
    fc.assert(
      fc.property(input, ({ each: { page, k }, size }) => {
        const { pointerSize, unit, blocks, offsets } = page;
        const isLast = k === blocks.length - 1;
        const end = offsets[k]! + size * unit;
        fc.pre(!isLast && size * unit !== blocks[k]!.size && end < pageSize);
        const bytes = poolPage(pointerSize, at, blocks);
        const previous = k === 0 ? 0 : blocks[k - 1]!.size / unit;
        writeSizes(new DataView(bytes.buffer), offsets[k]!, pointerSize, {
          previous,
          index: 0,
          size,
          type: blocks[k]!.type!,
        });
        const found = examine(bytes, pointerSize);
        expect(found.problems).toEqual([
          {
            rule: 'size',
            at: at + BigInt(offsets[k]!),
            found: BigInt(size * unit),
            expected: BigInt(blocks[k]!.size),
          },
        ]);
        expect(found.blocks).toHaveLength(blocks.length);
      }),
      { numRuns: 300 },
    );
  });

  it('PL-4: a wrong previous size is found, and what it was', () => {
    const input = anyBlock(3).chain((each) =>
      fc.record({ each: fc.constant(each), previous: fc.integer({ min: 0, max: 0xff }) }),
    );
    fc.assert(
      fc.property(input, ({ each: { page, k }, previous }) => {
        const { pointerSize, unit, blocks, offsets } = page;
        const expected = k === 0 ? 0 : blocks[k - 1]!.size;
        fc.pre(previous * unit !== expected);
        const bytes = poolPage(pointerSize, at, blocks);
        const size = blocks[k]!.size / unit;
        writeSizes(new DataView(bytes.buffer), offsets[k]!, pointerSize, {
          previous,
          index: 0,
          size,
          type: blocks[k]!.type!,
        });
        const found = examine(bytes, pointerSize);
        expect(found.problems).toEqual([
          {
            rule: k === 0 ? 'first-previous-size' : 'previous-size',
            at: at + BigInt(offsets[k]!),
            found: BigInt(previous * unit),
            expected: BigInt(expected),
          },
        ]);
      }),
      { numRuns: 300 },
    );
  });

  it('PL-5: one bit of a size is found: the page would be whole with it', () => {
    const input = anyBlock(3).chain((each) =>
      fc.record({
        each: fc.constant(each),
        field: fc.constantFrom('previousSize' as const, 'size' as const),
        low: fc.integer({ min: 0, max: 7 }),
      }),
    );
    fc.assert(
      fc.property(input, ({ each: { page, k }, field, low }) => {
        const { pointerSize, unit, blocks, offsets } = page;
        const bytes = poolPage(pointerSize, at, blocks);
        const bit = plainFormat(pointerSize).fields[field].shift + low;
        bytes[offsets[k]! + (bit >> 3)]! ^= 1 << (bit & 7);
        const size = blocks[k]!.size ^ (field === 'size' ? unit << low : 0);
        // A block that claims all the rest of its page cannot be told from one that has it.
        fc.pre(offsets[k]! + size !== pageSize || field !== 'size');
        const found = examine(bytes, pointerSize);
        expect(found.verdict).toBe('damaged');
        expect(found.bitErrors.map((error) => [error.at, error.bit])).toContainEqual([
          at + BigInt(offsets[k]!),
          bit,
        ]);
        // Where a wrong size happens to lead to another header, a bit of that one can be to blame as well.
        for (const error of found.bitErrors) {
          const mended = bytes.slice();
          mended[Number(error.at - at) + (error.bit >> 3)]! ^= 1 << (error.bit & 7);
          expect(examine(mended, pointerSize).problems).toEqual([]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('bytes at random are no page of small blocks, and end', () => {
    let state = 0x1234_5678;
    const next = () => (state = (Math.imul(state, 0x41c6_4e6d) + 0x3039) >>> 0) >>> 16;
    for (let run = 0; run < 300; run++) {
      const bytes = Uint8Array.from({ length: pageSize }, () => next() & 0xff);
      expect(examine(bytes, run % 2 === 0 ? 8 : 4).verdict).toBe('unrecognized');
    }
  });

  it('any bytes and any holes give an answer whose parts lie in the page', () => {
    const bytes = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 64 });
    fc.assert(
      fc.property(bytes, bytes, fc.constantFrom<4 | 8>(4, 8), (pattern, holes, pointerSize) => {
        const page = Uint8Array.from({ length: pageSize }, (_, index) => pattern[index % pattern.length]!);
        const mask = Uint8Array.from({ length: pageSize }, (_, index) =>
          holes[index % holes.length]! < 240 ? 1 : 0,
        );
        const found = examine(page, pointerSize, mask);
        for (const { address, size } of found.blocks)
          expect(address + BigInt(size)).toBeLessThanOrEqual(at + 0x1000n);
        for (const { start, end } of found.unexplained)
          expect(start >= at && end <= at + 0x1000n && start < end).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('what is no damage', () => {
  const blocks: PlannedBlock[] = [
    { tag: 'File', size: 0x180 },
    { tag: 'SmpD', size: 0x210 },
    { tag: 'StFl', size: 0x210 },
    { tag: 'Irp ' },
  ];

  it('PL-6: headers left over in a block that was merged are not blocks', () => {
    const stale = poolPage(8, at, [
      { tag: 'File', size: 0x180 },
      ...Array.from({ length: 6 }, () => ({ tag: 'Old ', size: 0x40 })),
      { tag: 'Last' },
    ]);
    const bytes = stale.slice();
    const view = new DataView(bytes.buffer);
    writeSizes(view, 0x180, 8, { previous: 0x18, index: 0, size: 0x18, type: 0 });
    writeSizes(view, 0x300, 8, { previous: 0x18, index: 0, size: 0xd0, type: 2 });
    const page = examine(bytes, 8);
    expect(page).toMatchObject({ verdict: 'whole', problems: [] });
    expect(page.blocks.map(({ address }) => Number(address - at))).toEqual([0, 0x180, 0x300]);
    // Nor where the header behind that block is gone.
    const damaged = examine(bytes.fill(0x4f, 0x300, 0x310), 8);
    expect(damaged.problems).toEqual([{ rule: 'no-header', at: at + 0x300n }]);
    expect(damaged.blocks).toHaveLength(2);
  });

  it('PL-7: what is not in the dump is not held against the page', () => {
    const bytes = poolPage(8, at, blocks);
    const mask = whole().fill(0, 0x380, 0x5a0);
    expect(examine(bytes.slice().fill(0, 0x380, 0x5a0), 8, mask)).toMatchObject({
      verdict: 'incomplete',
      problems: [],
      unexplained: [{ start: at + 0x390n, end: at + 0x5a0n, reason: 'missing' }],
    });
    // A body alone is not needed.
    expect(examine(bytes, 8, whole().fill(0, 0x3a0, 0x5a0)).verdict).toBe('whole');
    expect(examine(new Uint8Array(pageSize), 8, new Uint8Array(pageSize)).verdict).toBe('missing');
    expect(examine(new Uint8Array(pageSize), 8)).toMatchObject({
      verdict: 'unrecognized',
      isZeroed: true,
      blocks: [],
    });
  });

  it('damage at two places is told as two', () => {
    const many = Array.from(
      { length: 12 },
      (_, index): PlannedBlock => ({ tag: `Tag${index % 10}`, size: 0x100 }),
    );
    const bytes = poolPage(8, at, [...many, { tag: 'Last' }]);
    bytes.fill(0x4f, 0x300, 0x310);
    bytes.fill(0x4f, 0x900, 0x910);
    const page = examine(bytes, 8);
    expect(page.problems.map(({ rule, at: place }) => [rule, Number(place - at)])).toEqual([
      ['header', 0x300],
      ['header', 0x900],
    ]);
    expect(page.blocks).toHaveLength(11);
  });

  it('blocks of another kind of pool or descriptor are named', () => {
    const same: PlannedBlock[] = Array.from({ length: 4 }, () => ({ tag: 'Same', size: 0x100 }));
    const rules = (odd: PlannedBlock) =>
      examine(poolPage(8, at, [...same, odd, { tag: 'Last' }]), 8).problems.map(({ rule }) => rule);
    expect(rules({ tag: 'Odd ', size: 0x100, type: 3 })).toEqual(['pool']);
    expect(rules({ tag: 'Odd ', size: 0x100, type: 6 })).toEqual(['type']);
    expect(rules({ tag: 'Odd ', size: 0x100, index: 2 })).toEqual(['index']);
    expect(rules({ tag: 'Odd ', size: 0x100, type: 0 })).toEqual([]);
  });
});
