import type { KernelAddress } from '../../pool/kernel-address.ts';
import type { LfhHost } from './lfh-host.ts';
import { lfhLocation } from './lfh-subsegments.ts';

/** _HEAP_LFH_SUBSEGMENT_OWNER: a bucket or an affinity slot with its lists of subsegments. */
export class LfhOwners {
  readonly #host: LfhHost;

  constructor(host: LfhHost) {
    this.#host = host;
  }

  /** @param slot number of slots of a bucket, index of a slot */
  initialize(owner: KernelAddress, isBucket: boolean, bucketIndex: number, slot: number): void {
    const { memory, lists, layout } = this.#host;
    memory.writeU8(owner + layout.owner.isBucket, isBucket ? 1 : 0);
    memory.writeU8(owner + layout.owner.bucketIndex, bucketIndex);
    memory.writeU8(owner + layout.owner.slot, slot);
    lists.initialize(owner + layout.owner.availableList);
    lists.initialize(owner + layout.owner.fullList);
  }

  bucketIndex(owner: KernelAddress): number {
    return this.#host.memory.readU8(owner + this.#host.layout.owner.bucketIndex);
  }

  /** The subsegment with free blocks that waits longest, taken off its list. */
  takeAvailable(owner: KernelAddress): KernelAddress | undefined {
    const head = owner + this.#host.layout.owner.availableList;
    const subsegment = this.#host.lists.first(head);
    if (subsegment === head) return undefined;
    this.move(subsegment, owner, lfhLocation.unlisted);
    return subsegment;
  }

  location(subsegment: KernelAddress): number {
    return this.#host.memory.readU8(subsegment + this.#host.layout.subsegment.location);
  }

  /** Off the list that it is on, if it is on one, and onto another; links are checked both times. */
  move(subsegment: KernelAddress, owner: KernelAddress, location: number): void {
    const { memory, lists, layout } = this.#host;
    const from = this.location(subsegment);
    if (from !== lfhLocation.unlisted) lists.remove(subsegment);
    if (from === lfhLocation.available) this.#count(owner, -1);
    if (location === lfhLocation.available) this.#count(owner, 1);
    if (location !== lfhLocation.unlisted) {
      const { availableList, fullList } = layout.owner;
      lists.insertBack(owner + (location === lfhLocation.available ? availableList : fullList), subsegment);
    }
    memory.writeU8(subsegment + layout.subsegment.location, location);
  }

  #count(owner: KernelAddress, delta: number): void {
    const { memory, layout, trace } = this.#host;
    trace.at('lfh-bucket', owner, layout.owner.availableCount);
    memory.add(owner + layout.owner.availableCount, 8, delta);
  }
}
