import type { Va } from '@poolscope/engine/base';
import { utf16Bytes } from '../bytes/integers.ts';
import { type AddressSpace, Region } from '../memory/address-space.ts';
import { type MachinePool, PoolType } from '../pool/index.ts';
import { KernelObject, type KernelStructure, pointerBytes, unicodeStringBytes } from './kernel-structure.ts';
import { objectTag } from './objects/object-types.ts';
import type { KernelProfile } from './profiles/profile.ts';

/** Enough for an object header; objects stay aligned to 64 bytes. */
const headerRoom = 0x40;

/** Memory of a running kernel: regions to allocate from, and the few structures that everything else uses. */
export class KernelWorld {
  readonly profile: KernelProfile;
  readonly space: AddressSpace;
  readonly nonPagedPool: Region;
  readonly pagedPool: Region;
  readonly stacks: Region;
  readonly processors: Region;
  /** The pool, from when it is booted on. */
  pool: MachinePool | undefined;

  constructor(profile: KernelProfile, space: AddressSpace) {
    this.profile = profile;
    this.space = space;
    const { addresses } = profile;
    const region = (start: Va): Region => new Region(space, start, { writable: true });
    this.nonPagedPool = region(addresses.nonPagedPool);
    this.pagedPool = region(addresses.pagedPool);
    this.stacks = region(addresses.stacks);
    this.processors = region(addresses.processors);
  }

  /** Where the page frame database begins. */
  get pfnDatabase(): Va {
    const { pagedPool, pfnDatabase } = this.profile.addresses;
    if (pfnDatabase !== undefined) return pfnDatabase;
    return this.pointerSize === 8 ? pagedPool - 0x100_0000_0000n : pagedPool - 0x400_0000n;
  }

  get pointerSize(): 4 | 8 {
    return this.profile.pointerSize;
  }

  /** A zeroed structure, in nonpaged pool unless told otherwise. */
  create<N extends string>(structure: KernelStructure<N>, region = this.nonPagedPool): KernelObject<N> {
    return this.view(structure, region.allocate(structure.size, 0x40));
  }

  /** The same with room for an object header in front; in the pool, where that is booted. */
  createObject<N extends string>(structure: KernelStructure<N>, tag: string): KernelObject<N> {
    const size = headerRoom + structure.size;
    const start =
      this.pool === undefined
        ? this.nonPagedPool.allocate(size, 0x40)
        : this.pool.allocate(PoolType.NonPagedPoolNx, size, objectTag(this.profile, tag));
    return this.view(structure, start + BigInt(headerRoom));
  }

  view<N extends string>(structure: KernelStructure<N>, va: Va): KernelObject<N> {
    return new KernelObject(this.space, this.pointerSize, structure, va);
  }

  writePointer(va: Va, value: Va): void {
    this.space.write(va, pointerBytes(value, this.pointerSize));
  }

  /** A UNICODE_STRING at `va` whose characters lie in `region`. */
  writeUnicodeString(va: Va, text: string, region: Pick<Region, 'place'> = this.nonPagedPool): void {
    const characters = utf16Bytes(text);
    const buffer = region.place(utf16Bytes(text, true));
    this.space.write(va, unicodeStringBytes(characters.length, buffer, this.pointerSize));
  }

  /** Links list entries into a ring with their head: forward pointer, then backward pointer. */
  linkList(head: Va, entries: readonly Va[]): void {
    const ring = [head, ...entries];
    for (const [index, entry] of ring.entries()) {
      this.writePointer(entry, ring[(index + 1) % ring.length]!);
      this.writePointer(entry + BigInt(this.pointerSize), ring[(index + ring.length - 1) % ring.length]!);
    }
  }
}
