import { pageSize } from '@poolscope/engine/base';
import type { KernelAddress } from '../../pool/kernel-address.ts';
import { blockSizeOf, bucketIndexOf, LfhBuckets } from './lfh-buckets.ts';
import { crossesPage, type LfhGeometry, lfhGeometry, wantedBlocks } from './lfh-geometry.ts';
import type { LfhHost } from './lfh-host.ts';
import { LfhOwners } from './lfh-owners.ts';
import { LfhRandom } from './lfh-random.ts';
import { LfhSubsegments, lfhLocation } from './lfh-subsegments.ts';

/** Low bits of the reference to the active subsegment: blocks that may still be taken from it. */
const mostReferences = pageSize - 1;
/** Of so many changes of the processor one is a meeting: an assumption about the machine. */
const changesPerMeeting = 8;

/** A block of a subsegment, in use or not. */
export interface LfhSlot {
  readonly start: KernelAddress;
  readonly bytes: number;
}

/** _HEAP_LFH_CONTEXT: blocks of one size each, in subsegments of their own. */
export class LfhHeap {
  readonly #host: LfhHost;
  readonly #owners: LfhOwners;
  readonly #buckets: LfhBuckets;
  readonly #subsegments: LfhSubsegments;
  /** For the truth of a scenario: where blocks were laid out. */
  readonly #geometries = new Map<KernelAddress, LfhGeometry>();
  /** The processor that used a slot last, and how often another came: what the machine does, not what the heap knows. */
  readonly #visitors = new Map<KernelAddress, { processor: number; changes: number }>();

  constructor(host: LfhHost) {
    this.#host = host;
    this.#owners = new LfhOwners(host);
    this.#buckets = new LfhBuckets(host, this.#owners);
    this.#subsegments = new LfhSubsegments(host, new LfhRandom(host.memory, host.randomData));
  }

  initialize(context: KernelAddress): void {
    this.#buckets.initialize(context);
  }

  serves(context: KernelAddress, bytes: number): boolean {
    return this.#buckets.serves(context, bytes);
  }

  /** Bytes that a request takes: all blocks of a bucket are of one size. */
  blockBytes = (bytes: number): number => blockSizeOf(bucketIndexOf(bytes));

  /** A block; undefined: the size is not active yet, or there is no memory. */
  allocate(
    context: KernelAddress,
    bytes: number,
    processor: number,
    processors: number,
  ): KernelAddress | undefined {
    const { memory, layout, trace } = this.#host;
    const index = bucketIndexOf(bytes);
    trace.context = context;
    const bucket = this.#buckets.find(context, index);
    if (bucket === undefined) {
      trace.in('RtlpHpLfhBucketActivate', () => this.#buckets.countRequest(context, index, processors));
      return undefined;
    }
    return trace.in('RtlpHpLfhSlotAllocate', () => {
      const slot = this.#buckets.slot(bucket, processor);
      if (this.#meets(slot, processor)) this.#buckets.contend(context, bucket, processor);
      const at = slot + layout.slot.active;
      trace.at('lfh-bucket', slot, layout.slot.active);
      let reference = memory.readPointer(at);
      if ((reference & mostReferences) === 0) {
        reference = this.#activate(context, bucket, slot, index);
        if (reference === 0) return undefined;
      }
      const subsegment = reference - (reference & mostReferences);
      trace.subsegment = subsegment;
      const block = this.#subsegments.take(context, subsegment, index);
      this.#setActive(slot, subsegment, reference - 1);
      return block;
    });
  }

  /** A subsegment whose last block was given out is active no more. */
  #setActive(slot: KernelAddress, subsegment: KernelAddress, reference: KernelAddress): void {
    const { memory, layout } = this.#host;
    const isFull = this.#subsegments.freeCount(subsegment) === 0;
    memory.writePointer(slot + layout.slot.active, isFull ? 0 : reference);
    if (isFull) this.#move(subsegment, slot, lfhLocation.full);
  }

  /** Did two processors want the slot at the same time? Some of the times that another one comes. */
  #meets(slot: KernelAddress, processor: number): boolean {
    const visitor = this.#visitors.get(slot) ?? { processor, changes: 0 };
    this.#visitors.set(slot, visitor);
    if (visitor.processor === processor) return false;
    visitor.processor = processor;
    visitor.changes++;
    return visitor.changes % changesPerMeeting === 0;
  }

  /** A block of a size that is not active was freed. */
  countFree(context: KernelAddress, bytes: number): void {
    this.#buckets.countFree(context, bucketIndexOf(bytes));
  }

  free(context: KernelAddress, subsegment: KernelAddress, block: KernelAddress): void {
    const { trace } = this.#host;
    trace.in('RtlpHpLfhSubsegmentFreeBlock', () => {
      trace.context = context;
      trace.subsegment = subsegment;
      trace.chunk = block;
      this.#subsegments.giveBack(context, subsegment, block);
      const owner = this.#subsegments.owner(subsegment);
      const location = this.#owners.location(subsegment);
      if (location === lfhLocation.full) this.#move(subsegment, owner, lfhLocation.available);
      else if (location === lfhLocation.available && this.#subsegments.isEmpty(subsegment))
        this.#release(context, subsegment, owner);
    });
  }

  /** All places of blocks that may be given out. */
  *slots(): Generator<LfhSlot> {
    for (const [subsegment, geometry] of this.#geometries)
      for (let index = 0; index < geometry.blockCount; index++) {
        if (crossesPage(geometry, index)) continue;
        yield {
          start: subsegment + geometry.first + index * geometry.blockSize,
          bytes: geometry.blockSize,
        };
      }
  }

  /**
   * All that was counted of the active subsegment was given out. It may go on with what came back since; else one with free
   * blocks takes its place. The new reference; 0: there is no memory.
   */
  #activate(
    context: KernelAddress,
    bucket: KernelAddress,
    slot: KernelAddress,
    index: number,
  ): KernelAddress {
    const { memory, layout } = this.#host;
    const used = memory.readPointer(slot + layout.slot.active);
    if (used !== 0) {
      const left = this.#subsegments.freeCount(used);
      if (left !== 0) return used + Math.min(left, mostReferences);
      memory.writePointer(slot + layout.slot.active, 0);
      this.#move(used, slot, lfhLocation.full);
    }
    const subsegment =
      this.#owners.takeAvailable(slot) ??
      this.#owners.takeAvailable(bucket) ??
      this.#create(context, bucket, slot, index);
    if (subsegment === undefined) return 0;
    return subsegment + Math.min(this.#subsegments.freeCount(subsegment), mostReferences);
  }

  #create(
    context: KernelAddress,
    bucket: KernelAddress,
    slot: KernelAddress,
    index: number,
  ): KernelAddress | undefined {
    const { trace, layout } = this.#host;
    return trace.in('RtlpHpLfhSubsegmentCreate', () => {
      const size = blockSizeOf(index);
      const wanted = wantedBlocks(size, this.#buckets.subsegmentCount(bucket));
      const geometry = lfhGeometry(layout.subsegment.bitmap, size, wanted);
      const start = this.#host.allocateRange(context, geometry.pages);
      if (start === undefined) return undefined;
      this.#subsegments.initialize(start, slot, geometry);
      this.#buckets.countSubsegment(bucket, geometry.blockCount, 1);
      this.#geometries.set(start, geometry);
      return start;
    });
  }

  #move(subsegment: KernelAddress, owner: KernelAddress, location: number): void {
    this.#host.trace.in('RtlpHpLfhOwnerMoveSubsegment', () => this.#owners.move(subsegment, owner, location));
  }

  #release(context: KernelAddress, subsegment: KernelAddress, owner: KernelAddress): void {
    const { trace } = this.#host;
    this.#move(subsegment, owner, lfhLocation.unlisted);
    trace.in('RtlpHpLfhSubsegmentFree', () => {
      const bucket = this.#buckets.find(context, this.#owners.bucketIndex(owner));
      if (bucket !== undefined)
        this.#buckets.countSubsegment(bucket, this.#subsegments.blockCount(subsegment), -1);
      this.#geometries.delete(subsegment);
      this.#host.freeRange(context, subsegment);
    });
  }
}
