import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SparseMemory } from '../../test/sparse-memory.ts';
import {
  describeListEnd,
  type ListEnd,
  type ListEntry,
  walkChain,
  walkList,
  walkSingleList,
} from './walk-list.ts';

const base = 0xffff_8000_0000_0000n;
const place = (index: number) => base + BigInt(index) * 0x10n;

/** Links of entry n: to which entry it leads forward and back; undefined leaves it out of memory. */
type Links = readonly (readonly [forward: number | 'null', back: number] | undefined)[];

function memoryOf(links: Links): SparseMemory {
  const memory = new SparseMemory();
  for (const [at, link] of links.entries()) {
    if (link === undefined) continue;
    memory
      .putInteger(place(at), link[0] === 'null' ? 0n : place(link[0]), 8)
      .putInteger(place(at) + 8n, place(link[1]), 8);
  }
  return memory;
}

function walked(walk: Generator<ListEntry, ListEnd>): { entries: bigint[]; end: ListEnd } {
  const entries: bigint[] = [];
  for (;;) {
    const step = walk.next();
    if (step.done === true) return { entries, end: step.value };
    entries.push(step.value.at);
  }
}

const walk = (links: Links, limit?: number) =>
  walked(walkList(memoryOf(links), place(0), { pointerSize: 8, ...(limit === undefined ? {} : { limit }) }));

test('a good list', () => {
  const { entries, end } = walk([
    [1, 2],
    [2, 0],
    [0, 1],
  ]);
  expect(entries).toEqual([place(1), place(2)]);
  expect(end).toMatchObject({ kind: 'complete', count: 2, wrongBackLinks: 0 });
  expect(describeListEnd(end)).toBeUndefined();
});

test('an empty list', () => {
  expect(walk([[0, 0]]).end).toMatchObject({ kind: 'complete', count: 0 });
});

test('entries are given by their beginning', () => {
  const memory = memoryOf([
    [1, 1],
    [0, 0],
  ]);
  const [entry] = [...walkList(memory, place(0), { pointerSize: 8, linkOffset: 0x448 })];
  expect(entry).toEqual({ at: place(1) - 0x448n, link: place(1), isLinkedBack: true });
});

test('null links, circles, missing links and the limit end it', () => {
  expect(walk([['null', 0]]).end).toMatchObject({ kind: 'empty-head', count: 0, at: place(0) });
  expect(
    walk([
      [1, 1],
      ['null', 0],
    ]).end,
  ).toMatchObject({ kind: 'null', count: 1, at: place(1) });
  expect(
    walk([
      [1, 1],
      [2, 0],
      [1, 1],
    ]).end,
  ).toMatchObject({ kind: 'cycle', count: 2, at: place(2) });
  expect(
    walk([
      [1, 1],
      [1, 0],
    ]).end,
  ).toMatchObject({ kind: 'cycle', count: 1, at: place(1) });
  expect(walk([[1, 1], undefined]).end).toMatchObject({
    kind: 'unreadable',
    count: 1,
    at: place(1),
    fault: { kind: 'not-in-dump' },
  });
  expect(walk([undefined]).end).toMatchObject({ kind: 'unreadable', count: 0, at: place(0) });
  expect(
    walk(
      [
        [1, 2],
        [2, 0],
        [0, 1],
      ],
      1,
    ).end,
  ).toMatchObject({ kind: 'limit', count: 1, at: place(1) });
  expect(
    walk(
      [
        [1, 2],
        [2, 0],
        [0, 1],
      ],
      2,
    ).end,
  ).toMatchObject({ kind: 'complete', count: 2 });
});

test('a wrong back link is reported and does not end the walk', () => {
  const { entries, end } = walk([
    [1, 2],
    [2, 0],
    [0, 7],
  ]);
  expect(entries).toEqual([place(1), place(2)]);
  expect(end).toMatchObject({
    kind: 'complete',
    wrongBackLinks: 1,
    firstWrongBackLink: { at: place(2), found: place(7), expected: place(1) },
  });
  expect(describeListEnd(end)).toContain('does not point back');
});

test('the back link of the head counts too', () => {
  expect(
    walk([
      [1, 7],
      [0, 0],
    ]).end,
  ).toMatchObject({ kind: 'complete', wrongBackLinks: 1, firstWrongBackLink: { at: place(0) } });
});

test('single lists', () => {
  const memory = new SparseMemory()
    .putInteger(place(0), place(1), 8)
    .putInteger(place(1), place(2), 8)
    .putInteger(place(2), 0n, 8);
  const options = { pointerSize: 8 } as const;
  expect(walked(walkSingleList(memory, place(0), options))).toMatchObject({
    entries: [place(1), place(2)],
    end: { kind: 'complete', count: 2 },
  });
  memory.putInteger(place(2), place(1), 8);
  expect(walked(walkSingleList(memory, place(0), options)).end).toMatchObject({
    kind: 'cycle',
    count: 2,
    at: place(2),
  });
  expect(walked(walkSingleList(memory, place(9), options)).end).toMatchObject({
    kind: 'unreadable',
    count: 0,
    at: place(9),
  });
  expect(walked(walkChain(memory, 0n, options)).end).toMatchObject({ kind: 'complete', count: 0 });
  expect(walked(walkChain(memory, place(9), options)).end).toMatchObject({
    kind: 'unreadable',
    count: 1,
    at: place(9),
  });
});

test('32-bit links are sign-extended', () => {
  const high = (value: bigint) => BigInt.asUintN(64, BigInt.asIntN(32, value));
  const memory = new SparseMemory()
    .putInteger(high(0x8000_0000n), 0x9000_0000n, 4)
    .putInteger(high(0x8000_0004n), 0x9000_0000n, 4)
    .putInteger(high(0x9000_0000n), 0x8000_0000n, 4)
    .putInteger(high(0x9000_0004n), 0x8000_0000n, 4);
  expect(walked(walkList(memory, high(0x8000_0000n), { pointerSize: 4 }))).toMatchObject({
    entries: [high(0x9000_0000n)],
    end: { kind: 'complete', wrongBackLinks: 0 },
  });
});

const entryCount = 12;
const anyLinks = fc.array(
  fc.option(fc.tuple(fc.oneof(fc.nat(entryCount), fc.constant('null' as const)), fc.nat(entryCount)), {
    nil: undefined,
    freq: 8,
  }),
  { minLength: 1, maxLength: entryCount },
);

test('SP-8: any list ends, gives no entry twice, and not more than the limit', () => {
  fc.assert(
    fc.property(anyLinks, fc.nat(entryCount), (links, limit) => {
      const { entries, end } = walk(links, limit);
      expect(new Set(entries).size).toBe(entries.length);
      expect(entries.length).toBe(end.count);
      expect(end.count).toBeLessThanOrEqual(limit);
      // The links themselves say where it ended.
      const last = end.at === place(0) ? links[0] : links[Number((end.at - base) / 0x10n)];
      const next = last?.[0];
      const expected = {
        complete: next === 0,
        'empty-head': next === 'null' && end.count === 0,
        null: next === 'null' && end.count > 0,
        cycle: next !== 0 && next !== 'null' && next !== undefined && entries.includes(place(next)),
        unreadable: last === undefined,
        limit: end.count === limit && next !== undefined && next !== 'null',
      };
      expect(expected[end.kind]).toBe(true);
    }),
  );
});

test('SP-8: any ring of any size is walked as a whole', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(Array.from({ length: entryCount }, (_, at) => at + 1)), (order) => {
      const ring = [0, ...order];
      const links: [number, number][] = [];
      for (const [at, entry] of ring.entries())
        links[entry] = [ring[(at + 1) % ring.length]!, ring.at(at - 1)!];
      const { entries, end } = walk(Array.from(links));
      expect(entries).toEqual(order.map(place));
      expect(end).toMatchObject({ kind: 'complete', wrongBackLinks: 0 });
    }),
  );
});
