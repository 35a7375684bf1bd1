import { alignUp } from '../../bytes/integers.ts';
import type { KernelAddress } from '../../pool/kernel-address.ts';
import type { LfhHost } from './lfh-host.ts';
import type { LfhOwners } from './lfh-owners.ts';

const cacheLine = 0x40;

/** _HEAP_LFH_ONDEMAND_POINTER: no bucket yet, only a count of requests; the bucket is being made. */
const invalid = 1;
const inProgress = 2;
const usageOffset = 2;

/** A request adds one to both counts of the word: those that live in the low 5 bits, all of them above. */
const oneRequest = 0x21;
const liveMask = 0x1f;
const mostLive = 0x10;
const mostRequests = 0xff00;

/** 32.32 fixed point. Source: a user-mode dump, where block size 0x50 has 0x3333334 and shift 0x20. */
const reciprocalShift = 0x20;
const reciprocal = (blockSize: number): number => Math.ceil(2 ** reciprocalShift / blockSize);

/** How often processors meet in a slot before another is made: an assumption. */
const mostContention = 3;

/** Index of the bucket for blocks of so many bytes; buckets of the pool are 16 bytes apart. */
export const bucketIndexOf = (bytes: number): number => Math.ceil(bytes / 16);
export const blockSizeOf = (bucketIndex: number): number => bucketIndex * 16;

/** The table of buckets in a context, what its words count before a bucket is worth its while, and the buckets. */
export class LfhBuckets {
  readonly #host: LfhHost;
  readonly #owners: LfhOwners;

  constructor(host: LfhHost, owners: LfhOwners) {
    this.#host = host;
    this.#owners = owners;
  }

  /** No size is active. */
  initialize(context: KernelAddress): void {
    for (let index = 0; index < this.#host.layout.context.bucketCount; index++)
      this.#host.memory.writePointer(this.#word(context, index), invalid);
  }

  /** Does the heap serve blocks of so many bytes from subsegments? Both limits are in memory. */
  serves(context: KernelAddress, bytes: number): boolean {
    const { memory, layout } = this.#host;
    const { maxBlockSize, bucketCount } = layout.context;
    return bytes <= memory.readU16(context + maxBlockSize) && bucketIndexOf(bytes) < bucketCount;
  }

  /** The bucket; undefined while its size is not active. */
  find(context: KernelAddress, index: number): KernelAddress | undefined {
    const { memory, trace } = this.#host;
    const word = this.#word(context, index);
    if ((memory.readU8(word) & invalid) !== 0) return undefined;
    const bucket = memory.readPointer(word);
    trace.at('lfh-bucket', bucket);
    return bucket;
  }

  /** A request of a size that is not active: served elsewhere, and counted. One too many makes the bucket. */
  countRequest(context: KernelAddress, index: number, processors: number): void {
    const { memory } = this.#host;
    const at = this.#word(context, index) + usageOffset;
    const usage = (memory.readU16(at) + oneRequest) & 0xffff;
    memory.writeU16(at, usage);
    if ((usage & liveMask) > mostLive || usage > mostRequests) this.#activate(context, index, processors);
  }

  /** A block of a size that is not active was freed. */
  countFree(context: KernelAddress, index: number): void {
    const { memory } = this.#host;
    const word = this.#word(context, index);
    if ((memory.readU8(word) & invalid) === 0) return;
    const usage = memory.readU16(word + usageOffset);
    if ((usage & liveMask) !== 0) memory.writeU16(word + usageOffset, usage - 1);
  }

  /** The affinity slot of a processor. */
  slot(bucket: KernelAddress, processor: number): KernelAddress {
    const { memory, layout, trace } = this.#host;
    const mapping = memory.readPointer(bucket + layout.bucket.processorMapping);
    trace.at('lfh-bucket', mapping, processor);
    const index = memory.readU8(mapping + processor);
    return memory.readPointer(memory.readPointer(bucket + layout.bucket.slots) + 8 * index);
  }

  /** Two processors met in a slot: after some times the one that had to wait gets its own. */
  contend(context: KernelAddress, bucket: KernelAddress, processor: number): void {
    const { memory, layout } = this.#host;
    const count = memory.readU8(bucket + layout.bucket.contention) + 1;
    memory.writeU8(bucket + layout.bucket.contention, count > mostContention ? 0 : count);
    if (count <= mostContention) return;
    const slots = memory.readU8(bucket + layout.owner.slot);
    const most = memory.readU8(context + layout.context.maxAffinity);
    if (slots < most) this.#addSlot(context, bucket, slots, processor);
  }

  countSubsegment(bucket: KernelAddress, blocks: number, delta: 1 | -1): void {
    const { memory, layout } = this.#host;
    memory.add(bucket + layout.bucket.totalBlocks, 8, delta * blocks);
    memory.add(bucket + layout.bucket.totalSubsegments, 8, delta);
  }

  subsegmentCount(bucket: KernelAddress): number {
    return this.#host.memory.readU32(bucket + this.#host.layout.bucket.totalSubsegments);
  }

  #addSlot(context: KernelAddress, bucket: KernelAddress, index: number, processor: number): void {
    const { memory, layout } = this.#host;
    const slot = this.#host.extend(context, layout.slot.size);
    if (slot === undefined) return;
    this.#owners.initialize(slot, false, this.#owners.bucketIndex(bucket), index);
    memory.writePointer(memory.readPointer(bucket + layout.bucket.slots) + 8 * index, slot);
    memory.writeU8(bucket + layout.owner.slot, index + 1);
    memory.writeU8(memory.readPointer(bucket + layout.bucket.processorMapping) + processor, index);
  }

  /**
   * The bucket with its map of processors, its table of slots and its first slot, in this order as a user-mode dump has
   * them. Without room for it the size stays inactive.
   */
  #activate(context: KernelAddress, index: number, processors: number): void {
    const { memory, layout } = this.#host;
    const word = this.#word(context, index);
    memory.writeU8(word, memory.readU8(word) | inProgress);
    const mapping = alignUp(layout.bucket.size, cacheLine);
    const table = mapping + alignUp(processors, 8);
    const most = memory.readU8(context + layout.context.maxAffinity);
    const slot = alignUp(table + 8 * most, cacheLine);
    const bucket = this.#host.extend(context, slot + layout.slot.size);
    memory.writeU8(word, memory.readU8(word) & ~inProgress);
    if (bucket === undefined) return;
    this.#owners.initialize(bucket, true, index, 1);
    memory.writeU32(bucket + layout.bucket.reciprocal, reciprocal(blockSizeOf(index)));
    memory.writeU8(bucket + layout.bucket.shift, reciprocalShift);
    memory.writePointer(bucket + layout.bucket.processorMapping, bucket + mapping);
    memory.writePointer(bucket + layout.bucket.slots, bucket + table);
    memory.writePointer(bucket + table, bucket + slot);
    this.#owners.initialize(bucket + slot, false, index, 0);
    memory.writePointer(word, bucket);
  }

  #word(context: KernelAddress, index: number): KernelAddress {
    return context + this.#host.layout.context.buckets + 8 * index;
  }
}
