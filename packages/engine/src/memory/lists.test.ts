import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Va } from '../base/index.ts';
import { BlockCache, BufferSource } from '../io/index.ts';
import { BlockMemory } from '../mmu/index.ts';
import { checkList, readLinkedList } from './lists.ts';
import { runToEnd } from './search.ts';

const base = 0xffff_f800_0000_1000n;
const nodeSize = 0x20;
const at = (node: number): Va => base + BigInt(node * nodeSize);

/** Nodes one after another, each with its two links; a link of -1 leads out of the dump, null is null. */
function memoryOf(nodes: readonly (readonly [forward: number | null, back: number | null])[]): BlockMemory {
  const bytes = new Uint8Array(nodes.length * nodeSize);
  const view = new DataView(bytes.buffer);
  const link = (node: number | null): bigint => (node === null ? 0n : node < 0 ? 0x1234_5678n : at(node));
  nodes.forEach(([forward, back], index) => {
    view.setBigUint64(index * nodeSize, link(forward), true);
    view.setBigUint64(index * nodeSize + 8, link(back), true);
    view.setBigUint64(index * nodeSize + 16, BigInt(index), true);
  });
  return new BlockMemory(new BlockCache(new BufferSource(bytes)), [
    { kind: 'data-block', va: base, size: bytes.length, offset: 0 },
  ]);
}

const ring = (length: number): [number, number][] =>
  Array.from({ length }, (_, node) => [(node + 1) % length, (node + length - 1) % length]);

const options = { pointerSize: 8, count: 0x20, words: 3 } as const;

describe('readLinkedList', () => {
  it('goes around a ring, forwards and backwards', () => {
    const memory = memoryOf(ring(5));
    const forwards = readLinkedList(memory, at(2), options);
    expect(forwards).toMatchObject({ end: 'start', next: at(2) });
    expect(forwards.elements.map(({ address, words }) => [address, words[2]])).toEqual(
      [2, 3, 4, 0, 1].map((node) => [at(node), BigInt(node)]),
    );
    const backwards = readLinkedList(memory, at(2), { ...options, backwards: true, words: 1 });
    expect(backwards.elements.map(({ address }) => address)).toEqual([2, 1, 0, 4, 3].map(at));
    expect(backwards.elements[0]!.words).toEqual([at(3)]);
  });

  it('says what else may end a list', () => {
    const end = (nodes: Parameters<typeof memoryOf>[0], count = 9) => {
      const { elements, end: kind } = readLinkedList(memoryOf(nodes), at(0), { ...options, count });
      return [kind, elements.length];
    };
    expect(
      end([
        [1, null],
        [2, null],
        [null, null],
      ]),
    ).toEqual(['null', 3]);
    expect(
      end([
        [1, 0],
        [2, 0],
        [1, 0],
      ]),
    ).toEqual(['cycle', 3]);
    expect(
      end([
        [1, 0],
        [-1, 0],
      ]),
    ).toEqual(['missing', 3]);
    expect(end(ring(5), 3)).toEqual(['count', 3]);
  });
});

describe('checkList', () => {
  const check = (nodes: Parameters<typeof memoryOf>[0]) => runToEnd(checkList(memoryOf(nodes), at(0), 8));

  it('calls a ring whole', () => {
    for (const length of [1, 2, 7]) {
      expect(check(ring(length))).toMatchObject({ count: length - 1, wrong: [], end: { kind: 'complete' } });
    }
  });

  it('names each back link that leads elsewhere, the head among them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 8 }), fc.nat(7), fc.nat(7), (length, damaged, instead) => {
        const nodes = ring(length);
        const node = damaged % length;
        const found = instead % length;
        const expected = nodes[node]![1];
        nodes[node]![1] = found;
        const { wrong, end } = check(nodes);
        expect(end.kind).toBe('complete');
        expect(wrong).toEqual(
          found === expected ? [] : [{ at: at(node), found: at(found), expected: at(expected) }],
        );
      }),
    );
  });

  it('ends on any links, and counts no entry twice', () => {
    const links = fc.option(fc.integer({ min: -1, max: 5 }), { nil: null });
    fc.assert(
      fc.property(fc.array(fc.tuple(links, links), { minLength: 6, maxLength: 6 }), (nodes) => {
        const { count, end } = check(nodes);
        expect(count).toBeLessThanOrEqual(6);
        expect(['complete', 'cycle', 'null', 'empty-head', 'unreadable']).toContain(end.kind);
      }),
    );
  });
});
