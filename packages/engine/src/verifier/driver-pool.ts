import { pageSize, readU32, readU64AsNumber, type Va } from '../base/index.ts';
import { slistFirst, walkChain } from '../types/index.ts';
import type { ObjectKernel } from '../windows/index.ts';
import { driverData, type VerifiedDriver } from './drivers.ts';
import { pointerAt } from './trace-ring.ts';

/** An allocation of a verified driver that was not freed. */
export interface TrackedAllocation {
  readonly address: Va;
  /** Bytes. */
  readonly size: number;
  /** Four characters, as a number. */
  readonly tag: number;
  /** Where the driver asked for it. */
  readonly caller: Va;
}

/** The blocks that a driver holds by the lists of Driver Verifier. */
export interface DriverAllocations {
  readonly allocations: readonly TrackedAllocation[];
  /** Are they as many as the driver's counters say? Undefined where the counters are not in the dump. */
  readonly isComplete: boolean | undefined;
  /** Pages of records that are not in the dump. */
  readonly missingPages: number;
}

export const poolEntryStructures = ['_VI_POOL_ENTRY_INUSE', '_VI_POOL_PAGE_HEADER'] as const;

/** More pages of records than a driver can fill. */
const maxPages = 0x4000;

/**
 * Reads a driver's records of allocations, a page a step: pages of entries, the first of which is the page's header. An
 * entry that is free begins with a link to another one, or null. Throws TYPES_UNKNOWN.
 */
export function* readDriverPool(
  kernel: ObjectKernel,
  driver: VerifiedDriver,
): Generator<number, DriverAllocations> {
  const type = kernel.structures.find('_VI_POOL_ENTRY_INUSE');
  if (type === undefined) throw kernel.structures.unknown('_VI_POOL_ENTRY_INUSE');
  const pages = pagesOf(kernel, driver);
  const owned = new Set(pages.map((page) => page >> 12n));
  const allocations: TrackedAllocation[] = [];
  let missingPages = 0;
  for (const [done, page] of pages.entries()) {
    const bytes = kernel.target.readBytes(page, pageSize);
    if (bytes === undefined) missingPages++;
    else
      allocations.push(...entriesOf(kernel, type, bytes).filter(({ address }) => !owned.has(address >> 12n)));
    yield done + 1;
  }
  const expected =
    driver.paged.allocations === undefined || driver.nonPaged.allocations === undefined
      ? undefined
      : driver.paged.allocations + driver.nonPaged.allocations;
  return {
    allocations,
    isComplete: expected === undefined ? undefined : expected === allocations.length,
    missingPages,
  };
}

function pagesOf(kernel: ObjectKernel, driver: VerifiedDriver): Va[] {
  const head = driverData(kernel, driver).inner('PoolPageHeaders');
  const first = head === undefined ? undefined : slistFirst(head);
  if (first === undefined || first === 0n) return [];
  const { memory, pointerSize } = kernel.target;
  return [...walkChain(memory, first, { pointerSize, limit: maxPages })].map(({ at }) => at);
}

function entriesOf(
  { target }: ObjectKernel,
  type: NonNullable<ReturnType<ObjectKernel['structures']['find']>>,
  bytes: Uint8Array,
): TrackedAllocation[] {
  const { pointerSize } = target;
  const at = (name: string): number => type.offset(name) ?? 0;
  const entries: TrackedAllocation[] = [];
  for (let start = type.size; start + type.size <= bytes.length; start += type.size) {
    const address = pointerAt(bytes, start + at('VirtualAddress'), pointerSize);
    const caller = pointerAt(bytes, start + at('CallingAddress'), pointerSize);
    const sizeAt = start + at('NumberOfBytes');
    const size = pointerSize === 8 ? readU64AsNumber(bytes, sizeAt) : readU32(bytes, sizeAt);
    if (address >> 63n === 0n || caller >> 63n === 0n || size === 0) continue;
    entries.push({ address, size, tag: readU32(bytes, start + at('Tag')), caller });
  }
  return entries;
}
