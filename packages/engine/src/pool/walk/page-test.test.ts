import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PlannedBlock, poolPage } from '../../../test/pool-page.ts';
import { plainFormat } from '../format.ts';
import { tagValue } from '../header.ts';
import { examinePage } from '../read-pool-page.ts';
import { judgePage } from './judge-page.ts';
import { PageTest } from './page-test.ts';

/** An address of either machine. */
const at = 0xffff_ffff_8a12_3000n;
const pageSize = 0x1000;
const mask = new Uint8Array(pageSize).fill(1);

const examine = (bytes: Uint8Array, pointerSize: 4 | 8) =>
  examinePage({ address: at, bytes, mask, fault: undefined }, plainFormat(pointerSize));
const wordsOf = (bytes: Uint8Array) => new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);

const stateWith = (state: number, paged: boolean): number => (state === 0 ? 0 : state | (paged ? 1 : 0));

/** A page of at least three blocks, one kind of pool. */
const anyPage = fc
  .record({
    pointerSize: fc.constantFrom<4 | 8>(4, 8),
    edges: fc.uniqueArray(fc.integer({ min: 1, max: 255 }), { minLength: 2, maxLength: 40 }),
    states: fc.array(fc.constantFrom(0, 2, 2, 2, 4, 0xa), { minLength: 41, maxLength: 41 }),
    paged: fc.boolean(),
  })
  .map(({ pointerSize, edges, states, paged }) => {
    const unit = pointerSize * 2;
    const sorted = [0, ...edges.sort((a, b) => a - b), pageSize / unit];
    const blocks = sorted.slice(1).map((edge, index): PlannedBlock & { readonly size: number } => ({
      tag: `Tg${String.fromCharCode(0x41 + (index % 26))} `,
      size: (edge - sorted[index]!) * unit,
      type: stateWith(states[index]!, paged),
    }));
    return { pointerSize, unit, blocks };
  });

describe('the fast test of a page', () => {
  it('calls whole what the thorough reader calls whole', () => {
    fc.assert(
      fc.property(anyPage, ({ pointerSize, blocks }) => {
        const bytes = poolPage(pointerSize, at, blocks);
        expect(new PageTest(plainFormat(pointerSize)).isWhole(wordsOf(bytes), 0)).toBe(true);
        expect(examine(bytes, pointerSize).verdict).toBe('whole');
      }),
      { numRuns: 200 },
    );
  });

  it('PL-31: never calls whole what the thorough reader does not, and never drops damage that it would judge', () => {
    const change = fc.record({
      page: anyPage,
      place: fc.nat(pageSize - 1),
      value: fc.nat(255),
      length: fc.constantFrom(1, 1, 4, 16, 100),
    });
    fc.assert(
      fc.property(change, ({ page: { pointerSize, blocks }, place, value, length }) => {
        const bytes = poolPage(pointerSize, at, blocks).fill(value, place, place + length);
        const test = new PageTest(plainFormat(pointerSize));
        const page = examine(bytes, pointerSize);
        if (test.isWhole(wordsOf(bytes), 0)) expect(page.verdict).toBe('whole');
        const judged = judgePage(page, plainFormat(pointerSize), { told: true, noBig: true });
        if (judged === 'damaged') expect(test.canBePool(wordsOf(bytes), 0)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('sees links of free blocks that cannot be addresses of the kernel', () => {
    const blocks = [{ tag: 'Aaaa', size: 0x100 }, { tag: 'Free', size: 0x100, type: 0 }, { tag: 'Bbbb' }];
    for (const pointerSize of [4, 8] as const) {
      const bytes = poolPage(pointerSize, at, blocks);
      const test = new PageTest(plainFormat(pointerSize));
      expect(test.isWhole(wordsOf(bytes), 0)).toBe(true);
      bytes.fill(0x41, 0x100 + pointerSize * 2, 0x100 + pointerSize * 3);
      expect(test.isWhole(wordsOf(bytes), 0)).toBe(false);
    }
  });

  it('finds the page among others in an array, and says whether a tag is on it', () => {
    const words = new Uint32Array(4 * 1024);
    const blocks = [{ tag: 'File', size: 0x100, isProtected: true }, { tag: 'Irp ' }];
    words.set(wordsOf(poolPage(8, at, blocks)), 2048);
    const test = new PageTest(plainFormat(8));
    expect([0, 1024, 2048].map((index) => test.isWhole(words, index))).toEqual([false, false, true]);
    expect(test.hit).toBe(false);
    test.look(0x7fff_ffff, tagValue('File'));
    expect([test.isWhole(words, 2048), test.hit]).toEqual([true, true]);
    test.look(0x7fff_ffff, tagValue('Mdl '));
    expect([test.isWhole(words, 2048), test.hit]).toEqual([true, false]);
  });

  it('types of Windows XP', () => {
    const blocks = [
      { tag: 'File', size: 0x100, type: 5 },
      { tag: 'Irp ', type: 1 },
    ];
    const bytes = poolPage(4, at, blocks);
    expect(new PageTest(plainFormat(4, 'plus-one')).isWhole(wordsOf(bytes), 0)).toBe(true);
    expect(new PageTest(plainFormat(4)).isWhole(wordsOf(bytes), 0)).toBe(false);
  });
});
