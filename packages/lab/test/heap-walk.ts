import type { Va } from '@poolscope/engine/base';
import { expect } from 'vitest';
import { StructureTable } from '../src/machine/structure-table.ts';
import type { RunningMachine } from '../src/run/index.ts';
import type { HeapPool } from '../src/segment-heap/index.ts';
import type { MemoryView } from './memory-view.ts';

const page = 0x1000n;

/** A machine on segment heaps. */
export interface Booted {
  readonly machine: RunningMachine;
  readonly pool: HeapPool;
  readonly memory: MemoryView;
}

/** What was read against what has to be there. */
function same(found: unknown, wanted: unknown): void {
  expect(found).toEqual(wanted);
}

/** Reads what the structures in memory say, by the published formulas and no code of the pool. */
export class HeapReader {
  readonly #booted: Booted;
  readonly #tables: StructureTable;
  readonly heapKey: bigint;
  readonly lfhKey: bigint;

  constructor(booted: Booted) {
    this.#booted = booted;
    this.#tables = new StructureTable('x64', booted.pool.generation.build);
    const globals = booted.memory.u64(booted.machine.address('nt!ExPoolState'));
    same(globals, booted.machine.address('nt!RtlpHpHeapGlobals'));
    this.heapKey = booted.memory.u64(globals);
    this.lfhKey = booted.memory.u64(globals + 8n);
  }

  at(structure: string, path: string): bigint {
    const offset = this.#tables.offset(structure, path);
    if (offset === undefined) throw new Error(`${structure} has no ${path}`);
    return BigInt(offset);
  }

  heaps(): Va[] {
    const { machine, memory } = this.#booted;
    const node = machine.address('nt!ExPoolState') + this.at('_EX_POOL_HEAP_MANAGER_STATE', 'PoolNode');
    const heaps = [0n, 8n, 16n, 24n].map((offset) => memory.u64(node + offset));
    for (const heap of heaps) same(memory.u32(heap + 0x10n), 0xddee_ddee);
    return heaps;
  }

  /** Segments of a back end, by their list. */
  segments(context: Va): Va[] {
    const { memory } = this.#booted;
    const head = context + this.at('_HEAP_SEG_CONTEXT', 'SegmentListHead');
    const found: Va[] = [];
    for (let at = memory.u64(head); at !== head; at = memory.u64(at)) found.push(at);
    return found;
  }

  /** Checks a segment's descriptors; its ranges with their types. */
  ranges(segment: Va, context: Va, unitShift: bigint, first: number) {
    const { memory } = this.#booted;
    const secret = 0xa2e6_4ead_a2e6_4eadn;
    same(memory.u64(segment + 0x10n) ^ segment ^ context ^ this.heapKey, secret);
    const ranges: { start: Va; flags: number; units: number }[] = [];
    for (let index = first; index < 256; ) {
      const descriptor = segment + BigInt(index) * 0x20n;
      const [flags, units] = [0x18n, 0x1fn].map((offset) => memory.bytes(descriptor + offset, 1)[0]!);
      same(units > 0, true);
      same(flags! & 2, 2);
      if ((flags! & 1) !== 0) same(memory.u32(descriptor), 0xccdd_ccdd);
      const others = memory.bytes(descriptor, 0x20 * units!);
      for (let unit = 1; unit < units!; unit++)
        if (others[unit * 0x20 + 0x1f] !== unit) throw new Error(`unit ${unit} of ${descriptor}`);
      ranges.push({ start: segment + (BigInt(index) << unitShift), flags: flags!, units: units! });
      index += units!;
    }
    return ranges;
  }

  /** The chunks of a VS subsegment. */
  chunks(subsegment: Va): { chunk: Va; size: number; allocated: boolean }[] {
    const { memory } = this.#booted;
    const size = memory.u16(subsegment + 0x20n);
    same((size ^ memory.u16(subsegment + 0x22n)) & 0x7fff, 0x2bed);
    const end = subsegment + 0x30n + BigInt(size) * 16n;
    const chunks: { chunk: Va; size: number; allocated: boolean }[] = [];
    let previous = 0;
    for (let chunk = subsegment + 0x30n; chunk < end; ) {
      const sizes = memory.u64(chunk) ^ chunk ^ this.heapKey;
      const [own, before] = [(sizes >> 16n) & 0xffffn, (sizes >> 32n) & 0xffffn].map(Number);
      same([chunk, before], [chunk, previous]);
      same(own > 1, true);
      const allocated = ((sizes >> 48n) & 0xffn) !== 0n;
      if (allocated) {
        const pages = BigInt(memory.bytes(chunk + 8n, 1)[0]!) ^ (chunk & 0xffn) ^ (this.heapKey & 0xffn);
        same((chunk & ~0xfffn) - pages * page, subsegment);
      }
      chunks.push({ chunk, size: own! * 16, allocated });
      previous = own!;
      chunk += BigInt(own! * 16);
      same(chunk <= end, true);
    }
    return chunks;
  }

  /** Nodes of a tree in order, whose links, colours and least node are as they have to be. */
  tree(at: Va): Va[] {
    const { memory } = this.#booted;
    const nodes: Va[] = [];
    const walk = (node: Va, parent: Va, isParentRed: boolean): number => {
      if (node === 0n) return 1;
      const value = memory.u64(node + 0x10n);
      same(value & ~3n, parent);
      const isRed = (value & 1n) === 1n;
      same(isRed && isParentRed, false);
      const left = walk(memory.u64(node), node, isRed);
      nodes.push(node);
      same(walk(memory.u64(node + 8n), node, isRed), left);
      return left + (isRed ? 0 : 1);
    };
    walk(memory.u64(at), 0n, false);
    same(memory.u64(at + 8n), nodes[0] ?? 0n);
    return nodes;
  }
}

const byAddress = (a: Va, b: Va): number => (a < b ? -1 : a > b ? 1 : 0);

/** All structures of all heaps against each other; free chunks by start. */
export function checkHeaps(booted: Booted): Map<Va, number> {
  const reader = new HeapReader(booted);
  const free = new Map<Va, number>();
  const shapes = [
    { shift: 12n, first: 2 },
    { shift: 16n, first: 1 },
  ];
  for (const heap of reader.heaps()) {
    const own = new Set<Va>();
    for (const [index, { shift, first }] of shapes.entries()) {
      const context = heap + reader.at('_SEGMENT_HEAP', 'SegContexts') + BigInt(index) * 0xc0n;
      const empty: Va[] = [];
      for (const segment of reader.segments(context))
        for (const { start, flags } of reader.ranges(segment, context, shift, first)) {
          if ((flags & 1) === 0) empty.push(segment + ((start - segment) >> shift) * 0x20n);
          if (flags !== 0xf) continue;
          for (const { chunk, size, allocated } of reader.chunks(start)) {
            if (allocated) continue;
            own.add(chunk);
            free.set(chunk, size);
          }
        }
      const tree = reader.tree(context + reader.at('_HEAP_SEG_CONTEXT', 'FreePageRanges'));
      expect(tree.toSorted(byAddress)).toEqual(empty.toSorted(byAddress));
    }
    const vs = heap + reader.at('_SEGMENT_HEAP', 'VsContext');
    const nodes = reader.tree(vs + reader.at('_HEAP_VS_CONTEXT', 'FreeChunkTree'));
    expect(new Set(nodes.map((node) => node - 8n))).toEqual(own);
    const sizes = nodes.map((node) => free.get(node - 8n)!);
    expect(sizes.toSorted((a, b) => a - b)).toEqual(sizes);
  }
  return free;
}
