import { pageSize } from '@poolscope/engine/base';
import { isCanonical, type KernelAddress } from '../pool/kernel-address.ts';
import { trackedKind } from './alloc-tracker.ts';
import { CommitStates } from './commit-states.ts';
import { type HeapParts, heapFailure, type KnownHeap } from './heap-parts.ts';
import { firstUnit, inUse, PageDescriptors, typeShift } from './page-descriptors.ts';

/** HEAP_SEG_RANGE_TYPE */
export const rangeTypes = { user: 0, internal: 1, lfh: 2, vs: 3 } as const;
export type RangeType = (typeof rangeTypes)[keyof typeof rangeTypes];

const segmentSecret = 0xa2e6_4ead;
const descriptors = 0x100;
const headerBytes = 0x2000;
const high = 0x1_0000_0000;

/** The two back ends of a heap: segments of 1 MB in pages, and of 16 MB in pieces of 64 KB. Source: a dump of 26100. */
const shapes = [
  { segmentShift: 20, unitShift: 12, pagesPerUnitShift: 0, first: 2, kind: trackedKind.first },
  { segmentShift: 24, unitShift: 16, pagesPerUnitShift: 4, first: 1, kind: trackedKind.second },
] as const;
type Shape = (typeof shapes)[number];
/** CachedCommitSoftShift and CachedCommitHighShift, ReleaseEmptySegments. */
const [softShift, highShift, flags] = [7, 3, 0x10];
const mostUnits = 127;

/** A range of pages as its first descriptor tells it. */
export interface FoundRange {
  readonly context: KernelAddress;
  readonly start: KernelAddress;
  readonly units: number;
  readonly unitShift: number;
  /** RangeFlags of the first descriptor. */
  readonly flags: number;
  readonly descriptor: KernelAddress;
}

/** A range as the allocator made it. */
export interface KnownRange {
  readonly start: KernelAddress;
  readonly bytes: number;
  readonly type: RangeType;
  readonly heap: KnownHeap;
}

/** _HEAP_SEG_CONTEXT: ranges of pages in segments, told by descriptors at the segment's start. */
export class Segments {
  /** The allocator's own account of what is in use, for the truth of a scenario. */
  readonly known = new Map<KernelAddress, KnownRange>();
  readonly #parts: HeapParts;
  readonly #extend: (heap: KnownHeap, bytes: number) => KernelAddress | undefined;
  readonly #descriptors: PageDescriptors;
  readonly #states: CommitStates;

  constructor(parts: HeapParts, extend: (heap: KnownHeap, bytes: number) => KernelAddress | undefined) {
    this.#parts = parts;
    this.#extend = extend;
    this.#descriptors = new PageDescriptors(parts);
    this.#states = new CommitStates(parts);
  }

  /** An empty back end, in zeroed memory. */
  initialize(heap: KnownHeap, index: 0 | 1): void {
    const { memory, layout, lists } = this.#parts;
    const { seg } = layout;
    const shape = shapes[index];
    const at = this.context(heap, index);
    memory.writePointer(at + seg.mask, -(2 ** shape.segmentShift));
    memory.writeU8(at + seg.unitShift, shape.unitShift);
    memory.writeU8(at + seg.pagesPerUnitShift, shape.pagesPerUnitShift);
    memory.writeU8(at + seg.firstDescriptor, shape.first);
    memory.writeU8(at + seg.softShift, softShift);
    memory.writeU8(at + seg.highShift, highShift);
    memory.writeU8(at + seg.flags, flags);
    memory.writeU32(at + seg.most, mostUnits << shape.unitShift);
    memory.writeU16(at + seg.memStats, (heap.address + layout.heap.reservedPages - at) & 0xffff);
    if (index === 0) {
      memory.writePointer(at + seg.lfh, heap.address + layout.heap.lfh);
      memory.writePointer(at + seg.vs, heap.address + layout.heap.vs);
    }
    memory.writePointer(at + seg.heap, heap.address);
    lists.initialize(at + seg.segments);
  }

  context({ address }: Pick<KnownHeap, 'address'>, index: 0 | 1): KernelAddress {
    const { heap, seg } = this.#parts.layout;
    return address + heap.segContexts + index * seg.size;
  }

  /** Pages in a row; undefined when addresses or RAM are used up. `committed`: how many of them get memory now. */
  allocate(
    heap: KnownHeap,
    index: 0 | 1,
    bytes: number,
    type: RangeType,
    committed = Math.ceil(bytes / pageSize),
  ): KernelAddress | undefined {
    const { trace } = this.#parts;
    trace.enter('RtlpHpSegPageRangeAllocate');
    trace.context = this.context(heap, index);
    const start = this.#allocate(heap, index, bytes, type, committed);
    trace.leave();
    return start;
  }

  #allocate(
    heap: KnownHeap,
    index: 0 | 1,
    bytes: number,
    type: RangeType,
    committed: number,
  ): KernelAddress | undefined {
    const { memory, layout, trees, pages } = this.#parts;
    const shape = shapes[index];
    const context = this.context(heap, index);
    const tree = context + layout.seg.tree;
    const units = Math.ceil(bytes / 2 ** shape.unitShift);
    const isEnough = (each: KernelAddress): boolean => this.#descriptors.units(each) >= units;
    let found = trees.find(tree, isEnough);
    if (found === 0 && this.#addSegment(heap, index)) found = trees.find(tree, isEnough);
    if (found === 0) return undefined;
    const start = this.#addressOf(found, shape);
    if (!pages.commit(start, committed, heap.rights)) return undefined;
    const whole = this.#descriptors.units(found);
    trees.remove(tree, found);
    if (whole > units) this.#makeFree(context, found + units * layout.descriptor.size, whole - units);
    this.#descriptors.use(found, units, type, committed, units * 2 ** shape.unitShift - bytes);
    this.#noteUse(found, units, shape);
    memory.add(heap.address + layout.heap.committedPages, 8, committed);
    this.#states.count(segmentOf(start, shape), start, committed);
    this.known.set(start, { start, bytes: units * 2 ** shape.unitShift, type, heap });
    return start;
  }

  /** The segment knows which of its units were never used, where its descriptors leave room for that. */
  #noteUse(descriptor: KernelAddress, units: number, shape: Shape): void {
    const { memory, layout } = this.#parts;
    if (shape.first * layout.descriptor.size <= layout.segment.watermark) return;
    const segment = segmentOf(descriptor, shape);
    const end = (descriptor - segment) / layout.descriptor.size + units;
    const at = segment + layout.segment.watermark;
    if (end > memory.readU8(at)) memory.writeU8(at, Math.min(end, descriptors - 1));
  }

  /** The range that an address lies in; undefined: no segment of a heap is there. */
  find(va: KernelAddress): FoundRange | undefined {
    const { tracker, layout, trace } = this.#parts;
    const kind = tracker.kindOf(va);
    const shape = shapes[0].kind === kind ? shapes[0] : shapes[1].kind === kind ? shapes[1] : undefined;
    if (shape === undefined) return undefined;
    const segment = segmentOf(va, shape);
    trace.at('heap-segment', segment, layout.segment.signature);
    const context = this.#contextOf(segment);
    const unit = segment + Math.floor((va - segment) / 2 ** shape.unitShift) * layout.descriptor.size;
    trace.range = unit;
    trace.at('heap-segment', unit, layout.descriptor.flags);
    const isRest = (this.#descriptors.flags(unit) & (inUse | firstUnit)) === inUse;
    const descriptor = isRest ? unit - this.#descriptors.units(unit) * layout.descriptor.size : unit;
    trace.range = descriptor;
    return {
      context,
      start: this.#addressOf(descriptor, shape),
      units: this.#descriptors.units(descriptor),
      unitShift: shape.unitShift,
      flags: this.#descriptors.flags(descriptor),
      descriptor,
    };
  }

  /** So many pages more, or less, of the range that an address lies in have memory. */
  countPages(va: KernelAddress, pages: number): void {
    const { memory, layout } = this.#parts;
    const range = this.find(va);
    const heap = range && this.#parts.heapOf(range.context);
    if (range === undefined || heap === undefined) return;
    this.#descriptors.addCommitted(range.descriptor, pages);
    this.#states.count(segmentOf(va, shapeOf(range.unitShift)), range.start, pages);
    memory.add(heap.address + layout.heap.committedPages, 8, pages);
  }

  typeOf = (range: FoundRange): number => range.flags >>> typeShift;

  isInUse = (range: FoundRange): boolean => (range.flags & 3) === (inUse | firstUnit);

  /** Gives a range back, and joins it with what is free beside it. */
  free(range: FoundRange): void {
    const { trace } = this.#parts;
    trace.enter('RtlpHpSegPageRangeFree');
    this.#free(range);
    trace.leave();
  }

  #free({ context, start, units, unitShift, descriptor }: FoundRange): void {
    const { pages, layout, memory } = this.#parts;
    const heap = this.#parts.heapOf(context);
    if (heap === undefined) return;
    this.validate(heap, descriptor, start);
    const shape = shapeOf(unitShift);
    const committed = shape.pagesPerUnitShift === 0 ? this.#descriptors.committed(descriptor) : undefined;
    const count =
      committed ?? Math.ceil((units * 2 ** unitShift - this.#descriptors.unused(descriptor)) / pageSize);
    memory.add(heap.address + layout.heap.committedPages, 8, -count);
    this.#states.count(segmentOf(start, shape), start, -count);
    pages.decommit(start, units * 2 ** shape.pagesPerUnitShift);
    this.known.delete(start);
    this.#descriptors.clear(descriptor, units);
    const { from, count: joined } = this.#join(context, descriptor, units, shape);
    this.#makeFree(context, from, joined);
    if (joined === descriptors - shape.first)
      this.#release(heap, context, from - shape.first * layout.descriptor.size, shape);
  }

  /** The first descriptor of a range in use says so in two ways. */
  validate(heap: KnownHeap, descriptor: KernelAddress, at: KernelAddress): void {
    const { trace } = this.#parts;
    trace.enter('RtlpHpSegDescriptorValidate');
    if (!this.#descriptors.isValid(descriptor))
      throw this.#parts.failure(heap.address, heapFailure.invalidArgument, at);
    trace.leave();
  }

  /** What is free in front and behind leaves the tree. */
  #join(
    context: KernelAddress,
    descriptor: KernelAddress,
    units: number,
    shape: Shape,
  ): { from: KernelAddress; count: number } {
    const { layout, trees, trace } = this.#parts;
    const { size } = layout.descriptor;
    const tree = context + layout.seg.tree;
    const segment = segmentOf(descriptor, shape);
    let [from, count] = [descriptor, units];
    trace.enter('RtlpHpSegPageRangeCoalesce');
    const behind = descriptor + units * size;
    if (behind < segment + descriptors * size && !this.#descriptors.isInUse(behind)) {
      count += this.#descriptors.units(behind);
      trees.remove(tree, behind);
    }
    const last = descriptor - size;
    if (last >= segment + shape.first * size && !this.#descriptors.isInUse(last)) {
      from = this.#descriptors.firstOf(last);
      count += this.#descriptors.units(from);
      trees.remove(tree, from);
    }
    trace.leave();
    return { from, count };
  }

  #makeFree(context: KernelAddress, descriptor: KernelAddress, units: number): void {
    const { layout, trees } = this.#parts;
    this.#descriptors.release(descriptor, units);
    const key = this.#descriptors.key(descriptor);
    trees.insert(context + layout.seg.tree, descriptor, (each) => key < this.#descriptors.key(each));
  }

  #addSegment(heap: KnownHeap, index: 0 | 1): boolean {
    const { memory, layout, lists, pages, tracker } = this.#parts;
    const { segmentShift, first, kind } = shapes[index];
    const bytes = 2 ** segmentShift;
    const segment = heap.addresses.reserve(bytes, bytes);
    if (segment === undefined) return false;
    if (!pages.commit(segment, headerBytes / pageSize, heap.rights)) {
      heap.addresses.release(segment, bytes);
      return false;
    }
    const context = this.context(heap, index);
    const states = this.#extend(heap, this.#states.bytesFor(bytes));
    this.#sign(segment, context);
    if (states !== undefined) memory.writePointer(segment + layout.segment.commitState, states);
    this.#states.count(segment, segment, headerBytes / pageSize);
    lists.insertBack(context + layout.seg.segments, segment);
    memory.add(context + layout.seg.count, 8, 1);
    memory.add(heap.address + layout.heap.reservedPages, 8, bytes / pageSize);
    tracker.note(segment, bytes, kind);
    this.#makeFree(context, segment + first * layout.descriptor.size, descriptors - first);
    return true;
  }

  /** A segment without ranges goes, unless it is the only one. */
  #release(heap: KnownHeap, context: KernelAddress, segment: KernelAddress, shape: Shape): void {
    const { memory, layout, lists, pages, tracker, trees } = this.#parts;
    if (memory.readU32(context + layout.seg.count) <= 1) return;
    const bytes = 2 ** shape.segmentShift;
    trees.remove(context + layout.seg.tree, segment + shape.first * layout.descriptor.size);
    lists.remove(segment);
    memory.add(context + layout.seg.count, 8, -1);
    memory.add(heap.address + layout.heap.reservedPages, 8, -bytes / pageSize);
    tracker.note(segment, bytes, trackedKind.other);
    pages.decommit(segment, headerBytes / pageSize);
    heap.addresses.release(segment, bytes);
  }

  /** The signature is a secret, exclusive-or'ed with the key and the addresses of the segment and its back end. */
  #sign(segment: KernelAddress, context: KernelAddress): void {
    const { memory, layout } = this.#parts;
    const at = segment + layout.segment.signature;
    memory.writeU32(at, this.#codeLow(segment) ^ (context | 0));
    memory.writeU32(at + 4, this.#codeHigh(segment) ^ Math.floor(context / high));
  }

  #contextOf(segment: KernelAddress): KernelAddress {
    const { memory, layout } = this.#parts;
    const at = segment + layout.segment.signature;
    const low = (memory.readU32(at) ^ this.#codeLow(segment)) >>> 0;
    const upper = memory.readU32(at + 4) ^ this.#codeHigh(segment);
    const context = upper * high + low;
    if (isCanonical(context)) return context;
    return memory.pointer((BigInt(upper >>> 0) << 32n) | BigInt(low));
  }

  #codeLow(segment: KernelAddress): number {
    return (segment | 0) ^ this.#parts.keyLow ^ segmentSecret;
  }

  #codeHigh(segment: KernelAddress): number {
    return Math.floor(segment / high) ^ this.#parts.keyHigh ^ segmentSecret;
  }

  #addressOf(descriptor: KernelAddress, shape: Shape): KernelAddress {
    const segment = segmentOf(descriptor, shape);
    return segment + ((descriptor - segment) / this.#parts.layout.descriptor.size) * 2 ** shape.unitShift;
  }
}

const shapeOf = (unitShift: number): Shape => (unitShift === shapes[0].unitShift ? shapes[0] : shapes[1]);

const segmentOf = (va: KernelAddress, { segmentShift }: Shape): KernelAddress =>
  Math.floor(va / 2 ** segmentShift) * 2 ** segmentShift;
