import type { Pa } from '../base/index.ts';
import type { PhysicalMemory } from '../dump/index.ts';
import { type PagedMemory, selfMapSlot } from '../mmu/index.ts';

/**
 * The address space of a directory base as one types it: an address, or a page frame number. Where only one of the two is
 * a root table that maps itself, that one is meant; otherwise a number that is no frame of this machine is an address.
 */
export function addressSpaceOf(memory: PagedMemory, physical: PhysicalMemory, typed: bigint): PagedMemory {
  if (typed === 0n) return memory;
  const number = Number(BigInt.asUintN(52, typed));
  const asAddress = memory.withDirectoryTableBase(number);
  const asFrame = memory.withDirectoryTableBase(number * 0x1000);
  const [address, frame] = [asAddress, asFrame].map((each) => mapsItself(each, physical));
  if (address !== frame) return address === true ? asAddress : asFrame;
  return isFrame(physical, number) ? asFrame : asAddress;
}

const mapsItself = ({ setup }: PagedMemory, physical: PhysicalMemory): boolean =>
  setup.machine !== 'arm64' && selfMapSlot(physical, setup) !== undefined;

const isFrame = (physical: PhysicalMemory, number: Pa): boolean => number < physical.pages.limit;
