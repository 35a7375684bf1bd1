import type { Va } from '@poolscope/engine/base';
import { toVa } from '../pool/kernel-address.ts';
import type { MachinePoolTruth } from '../pool/machine-pool.ts';
import type { HeapType, KnownHeap } from './heap-parts.ts';
import type { HeapKeys } from './heap-pool-options.ts';
import { type KnownRange, rangeTypes } from './segments.ts';

/** A _SEGMENT_HEAP. */
export interface TrueHeap {
  readonly address: Va;
  /** EX_HEAP_TYPE */
  readonly type: HeapType;
  readonly isSpecial: boolean;
  /** Keeps what other heaps know about their large allocations. */
  readonly isMetadata: boolean;
}

/** A range of pages that is in use, whatever its descriptors say by now. */
export interface TrueRange {
  readonly start: Va;
  readonly bytes: number;
  readonly type: keyof typeof rangeTypes;
  readonly heap: Va;
}

/** What a segment heap's allocator knows. */
export interface HeapTruth extends MachinePoolTruth {
  readonly heaps: readonly TrueHeap[];
  /** By address. */
  readonly ranges: readonly TrueRange[];
  readonly keys: Omit<HeapKeys, 'random'>;
}

export const trueHeap = ({ address, type, isSpecial }: KnownHeap, metadata: KnownHeap): TrueHeap => ({
  address: toVa(address),
  type,
  isSpecial,
  isMetadata: address === metadata.address,
});

const typeNames = Object.keys(rangeTypes) as (keyof typeof rangeTypes)[];

export const trueRanges = (known: Iterable<KnownRange>): TrueRange[] =>
  [...known]
    .sort((a, b) => a.start - b.start)
    .map(({ start, bytes, type, heap }) => ({
      start: toVa(start),
      bytes,
      type: typeNames.find((name) => rangeTypes[name] === type) ?? 'user',
      heap: toVa(heap.address),
    }));
