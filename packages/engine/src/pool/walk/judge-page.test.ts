import { describe, expect, it } from 'vitest';
import { poolPage } from '../../../test/pool-page.ts';
import { plainFormat } from '../format.ts';
import { examinePage } from '../read-pool-page.ts';
import { countFacts, judgePage } from './judge-page.ts';

const at = 0xffff_fa80_0123_4000n;
const pageSize = 0x1000;
const mask = new Uint8Array(pageSize).fill(1);
const sure = { told: true, noBig: true };
const unsure = { told: false, noBig: false };

const pageOf = (bytes: Uint8Array, pointerSize: 4 | 8 = 8) =>
  examinePage({ address: at, bytes, mask, fault: undefined }, plainFormat(pointerSize));
const judge = (bytes: Uint8Array, context = unsure, pointerSize: 4 | 8 = 8) =>
  judgePage(pageOf(bytes, pointerSize), plainFormat(pointerSize), context);

/** A repeatable stream of numbers. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed >>> 0 || 1; ; ) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    yield state >>> 0;
  }
}

const made = (seed: number, byte: (random: number, index: number) => number): Uint8Array => {
  const stream = numbers(seed * 7919 + 1);
  return Uint8Array.from({ length: pageSize }, (_, index) => byte(stream.next().value, index));
};

/** Memory that is no pool, as it lies about in kernels. */
const otherMemory: Readonly<Record<string, (seed: number) => Uint8Array>> = {
  'random bytes': (seed) => made(seed, (random) => random & 0xff),
  text: (seed) => made(seed, (random) => 0x20 + (random % 0x5f)),
  'letters and zeros': (seed) => made(seed, (random) => (random % 3 === 0 ? 0 : 0x41 + ((random >> 8) % 26))),
  'UTF-16': (seed) => made(seed, (random, index) => (index % 2 === 0 ? 0x61 + (random % 26) : 0)),
  'small numbers': (seed) => made(seed, (random, index) => (index % 4 === 0 ? random % 64 : 0)),
  'one byte': (seed) => new Uint8Array(pageSize).fill(seed & 0xff),
  'page table': (seed) => {
    const entries = new BigUint64Array(512).map((_, index) => BigInt((seed * 512 + index) * 0x1000) | 0x863n);
    return new Uint8Array(entries.buffer);
  },
  pointers: (seed) => {
    const stream = numbers(seed + 1);
    const words = new BigUint64Array(512).map(() => 0xffff_f800_0000_0000n | BigInt(stream.next().value));
    return new Uint8Array(words.buffer);
  },
  // Headers of other tables: a length, a type and four characters.
  'tagged records': (seed) =>
    made(seed, (random, index) => [0, 0, 4, 2, 0x41, 0x42, 0x43, 0x20][index % 16] ?? random & 0xff),
};

describe('PL-32: what is no pool is not called damaged', () => {
  it.each(Object.keys(otherMemory))('%s', (name) => {
    const alarms = { sure: 0, unsure: 0 };
    for (const pointerSize of [4, 8] as const)
      for (let seed = 0; seed < 400; seed++) {
        const bytes = otherMemory[name]!(seed);
        if (judge(bytes, unsure, pointerSize) !== 'other') alarms.unsure++;
        if (judge(bytes, sure, pointerSize) === 'damaged') alarms.sure++;
      }
    expect(alarms.unsure).toBe(0);
    // In the middle of a pool, and in no large allocation, a first header alone is enough.
    if (name !== 'tagged records') expect(alarms.sure).toBe(0);
  });

  it('PL-32: a page that was given back: all freed, with a link at its start', () => {
    const blocks = [
      { tag: 'Aaaa', size: 0x200, type: 0 },
      { tag: 'Bbbb', size: 0x300, type: 4 },
      { tag: 'Cccc', type: 4 },
    ];
    const bytes = poolPage(8, at, blocks);
    new DataView(bytes.buffer).setBigUint64(0, 0xffff_fa80_0200_0000n, true);
    expect(pageOf(bytes).verdict).toBe('damaged');
    expect(judge(bytes, sure)).toBe('other');
  });
});

describe('the last page of a large allocation', () => {
  // Old headers in front of its end, as they are left in memory that is given out again.
  const tail = 0x480;
  const stale = poolPage(8, at, [
    { tag: 'Old1', size: 0x200 },
    { tag: 'Old2', size: 0x500 },
    { tag: 'Old3' },
  ]);
  const withTail = (first: { readonly tag: string; readonly size: number }): Uint8Array => {
    const behind = poolPage(8, at, [
      first,
      { tag: 'Bbbb', size: 0x300 },
      { tag: 'Cccc', size: 0x1000 - tail - 0x310 },
      { tag: 'Rest' },
    ]);
    const bytes = stale.slice();
    bytes.set(behind.subarray(0, 0x1000 - tail), tail);
    return bytes;
  };

  it('PL-30: holds small blocks behind the one that keeps the place', () => {
    const page = pageOf(withTail({ tag: 'Frag', size: 0x10 }));
    expect(page).toMatchObject({ verdict: 'whole', problems: [], tail: at + BigInt(tail) });
    expect(page.blocks.map(({ tag }) => tag)).toEqual(['Frag', 'Bbbb', 'Cccc']);
  });

  it('PL-30: is no such page without that tag', () => {
    expect(pageOf(withTail({ tag: 'Frog', size: 0x10 })).tail).toBeUndefined();
  });

  it('PL-30: damage behind a known end is found, with its place', () => {
    const bytes = withTail({ tag: 'Frag', size: 0x10 }).fill(0x4f, tail, tail + 0x10);
    const page = examinePage(
      { address: at, bytes, mask, fault: undefined, start: tail / 16 },
      plainFormat(8),
    );
    expect(judgePage(page, plainFormat(8), sure)).toBe('damaged');
    const start = at + BigInt(tail);
    expect(page.unexplained).toEqual([{ start, end: start + 0x10n, reason: 'damaged' }]);
    expect(page.blocks.map(({ tag }) => tag)).toEqual(['Bbbb', 'Cccc']);
  });
});

describe('what shows that a page is pool', () => {
  const blocks = [
    { tag: 'Aaaa', size: 0x200 },
    { tag: 'Bbbb', size: 0x300 },
    { tag: 'Cccc', size: 0x400 },
    { tag: 'Dddd' },
  ];

  it('neighbours on both sides of the damage', () => {
    const bytes = poolPage(8, at, blocks).fill(0x4f, 0x200, 0x210);
    expect(judge(bytes)).toBe('damaged');
    expect(countFacts(pageOf(bytes), plainFormat(8)).all).toBe(5);
  });

  it('two headers at its start, where all the rest is overwritten', () => {
    const bytes = poolPage(8, at, blocks).fill(0x4f, 0x500);
    expect(judge(bytes)).toBe('damaged');
  });

  it('one header at its start only where nothing else can be there', () => {
    const bytes = poolPage(8, at, blocks).fill(0x4f, 0x200);
    expect([judge(bytes), judge(bytes, sure)]).toEqual(['other', 'damaged']);
  });

  it('blocks of another descriptor confirm nothing', () => {
    const mixed = blocks.map((block, index) => ({ ...block, index }));
    expect(countFacts(pageOf(poolPage(8, at, mixed)), plainFormat(8)).all).toBe(3);
  });
});
