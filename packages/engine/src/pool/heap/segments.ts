import { type Va, wrap64 } from '../../base/index.ts';
import { type ListEnd, walkList } from '../../types/index.ts';
import type { SearchedKernel } from '../kernel-data.ts';
import { isPlaced } from '../placed.ts';
import type { HeapProblem, HeapSegment, PoolHeap } from './heap-block.ts';
import { segmentSecrets } from './heap-keys.ts';
import { isInKernelHalf } from './kernel-half.ts';
import { heapOfSegment, type PoolHeaps } from './pool-heaps.ts';

/** What a _HEAP_SEG_CONTEXT says of its segments. */
export interface SegmentShape {
  /** Bytes of a segment. */
  readonly size: number;
  readonly unitShift: number;
  readonly firstIndex: number;
}

/** Source: two contexts of a real heap (26100); public readers of older builds use the same. */
export const usualShapes: readonly SegmentShape[] = [
  { size: 0x10_0000, unitShift: 12, firstIndex: 2 },
  { size: 0x100_0000, unitShift: 16, firstIndex: 1 },
];

/** Descriptors of a segment. */
export const descriptorCount = 256;

/**
 * The shape that a segment context tells of its segments; the usual one where it is not in the dump or says what cannot be: 256
 * units make a segment.
 */
export function readShape(
  { target }: SearchedKernel,
  { layout }: PoolHeaps,
  context: Va,
  index: number,
): SegmentShape {
  const usual = usualShapes[index] ?? usualShapes[0]!;
  const at = (offset: number): Va => wrap64(context + BigInt(offset));
  const mask = target.readPointer(at(layout.context.SegmentMask));
  const shift = target.readBytes(at(layout.context.UnitShift), 1)?.[0];
  const firstIndex = target.readBytes(at(layout.context.FirstDescriptorIndex), 1)?.[0];
  if (mask === undefined || shift === undefined || firstIndex === undefined) return usual;
  const size = wrap64(-mask);
  const isWhole = shift >= 12 && shift <= 20 && size === BigInt(descriptorCount) << BigInt(shift);
  const hasRoom = firstIndex << shift >= 0x2000 && firstIndex < 4;
  return isWhole && hasRoom ? { size: Number(size), unitShift: shift, firstIndex } : usual;
}

const shapes = new WeakMap<PoolHeaps, Map<Va, SegmentShape>>();

function shapeOf(kernel: SearchedKernel, heaps: PoolHeaps, context: Va, index: number): SegmentShape {
  const read = shapes.get(heaps) ?? new Map<Va, SegmentShape>();
  shapes.set(heaps, read);
  const shape = read.get(context) ?? readShape(kernel, heaps, context, index);
  read.set(context, shape);
  return shape;
}

/** What a signature decodes to; undefined: no context of a heap that is known or proves itself. */
function decodeSignature(
  kernel: SearchedKernel,
  heaps: PoolHeaps,
  segment: Va,
  stored: bigint,
): { readonly heap: PoolHeap; readonly index: number; readonly context: Va } | undefined {
  const { heapKey } = heaps.keys;
  if (!isPlaced(heapKey)) return undefined;
  const { SegContexts, contextSize } = heaps.layout.heap;
  for (const secret of segmentSecrets) {
    const context = stored ^ segment ^ heapKey.value ^ secret;
    for (const index of [0, 1]) {
      const address = wrap64(context - BigInt(SegContexts + index * contextSize));
      if (!isInKernelHalf(address) || (address & 0xfffn) !== 0n) continue;
      const heap = heapOfSegment(kernel, heaps, address);
      if (heap !== undefined) return { heap, index, context };
    }
  }
  return undefined;
}

const sizes = [0x10_0000n, 0x100_0000n];

/** The segment that has an address: by the signature at its start, else by the lists of the heaps that are known. */
export function findSegment(kernel: SearchedKernel, heaps: PoolHeaps, va: Va): HeapSegment | undefined {
  const starts = sizes.map((size) => va & ~(size - 1n));
  for (const find of [
    (start: Va) => segmentAt(kernel, heaps, start),
    (start: Va) => listedSegments(kernel, heaps).get(start),
  ])
    for (const start of starts) {
      const segment = find(start);
      if (segment !== undefined && va < start + BigInt(segment.size)) return segment;
    }
  return undefined;
}

const listed = new WeakMap<PoolHeaps, ReadonlyMap<Va, HeapSegment>>();

/** All segments on the lists of the heaps, by address. */
function listedSegments(kernel: SearchedKernel, heaps: PoolHeaps): ReadonlyMap<Va, HeapSegment> {
  const known = listed.get(heaps);
  if (known !== undefined) return known;
  const found = new Map<Va, HeapSegment>();
  for (const heap of heaps.heaps)
    for (const { segment } of walkSegments(kernel, heaps, heap))
      if (!found.has(segment.address)) found.set(segment.address, segment);
  listed.set(heaps, found);
  return found;
}

/** The segment that begins at an address, by its signature. */
export function segmentAt(kernel: SearchedKernel, heaps: PoolHeaps, address: Va): HeapSegment | undefined {
  const stored = kernel.target.readPointer(wrap64(address + BigInt(heaps.layout.segment.Signature)));
  const decoded = stored === undefined ? undefined : decodeSignature(kernel, heaps, address, stored);
  if (decoded === undefined) return undefined;
  const { heap, index, context } = decoded;
  const segment = segmentOf(kernel, heaps, address, heap, index);
  if ((address & BigInt(segment.size - 1)) !== 0n) return undefined;
  return { ...segment, contextAddress: context, from: 'its signature' };
}

function segmentOf(
  kernel: SearchedKernel,
  heaps: PoolHeaps,
  address: Va,
  heap: PoolHeap,
  index: number,
): HeapSegment {
  const { SegContexts, contextSize } = heaps.layout.heap;
  const contextAddress = wrap64(heap.address + BigInt(SegContexts + index * contextSize));
  const { size, unitShift, firstIndex } = shapeOf(kernel, heaps, contextAddress, index);
  return {
    address,
    size,
    heap,
    context: index,
    contextAddress,
    unitShift,
    firstIndex,
    from: 'the list of its heap',
  };
}

/** A segment on the list of its heap, and what it or the list has wrong there. */
export interface ListedSegment {
  readonly segment: HeapSegment;
  readonly problems: readonly HeapProblem[];
}

/** How the walk through a heap's lists ended: one end for each of its contexts that is in the dump. */
export interface SegmentsEnd {
  readonly ends: readonly ListEnd[];
}

/**
 * The segments on the lists of a heap's two contexts. One whose signature does not decode is still given, with that as its problem:
 * the list knows it. Links that do not lead to a segment's address end the list.
 */
export function* walkSegments(
  kernel: SearchedKernel,
  heaps: PoolHeaps,
  heap: PoolHeap,
): Generator<ListedSegment, SegmentsEnd> {
  const { SegContexts, contextSize } = heaps.layout.heap;
  const ends: ListEnd[] = [];
  for (const index of [0, 1]) {
    const context = wrap64(heap.address + BigInt(SegContexts + index * contextSize));
    const head = wrap64(context + BigInt(heaps.layout.context.SegmentListHead));
    const walk = walkList(kernel.target.memory, head, { pointerSize: 8 });
    for (let step = walk.next(); ; step = walk.next()) {
      if (step.done === true) {
        ends.push(step.value);
        break;
      }
      const { at, isLinkedBack } = step.value;
      const segment = segmentOf(kernel, heaps, at, heap, index);
      if ((at & BigInt(segment.size - 1)) !== 0n) break;
      const problems: HeapProblem[] = isLinkedBack === false ? [{ rule: 'list-link', at: at + 8n }] : [];
      yield { segment, problems: [...problems, ...checkSignature(kernel, heaps, segment)] };
    }
  }
  return { ends };
}

/** Nothing is wrong with a signature that is not in the dump, or where the key is not known. */
export function checkSignature(
  kernel: SearchedKernel,
  heaps: PoolHeaps,
  segment: HeapSegment,
): HeapProblem[] {
  const at = wrap64(segment.address + BigInt(heaps.layout.segment.Signature));
  const stored = kernel.target.readPointer(at);
  const { heapKey } = heaps.keys;
  if (stored === undefined || !isPlaced(heapKey)) return [];
  const found = segmentSecrets.map((secret) => stored ^ segment.address ^ heapKey.value ^ secret);
  if (found.includes(segment.contextAddress)) return [];
  return [{ rule: 'segment-signature', at, found: found[0]!, expected: segment.contextAddress }];
}
