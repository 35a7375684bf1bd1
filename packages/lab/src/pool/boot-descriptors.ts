import { assert, pageSize } from '@poolscope/engine/base';
import { type KernelAddress, toKernelAddress } from './kernel-address.ts';
import { pagedPoolSlots } from './nt-variables.ts';
import type { PageRegion } from './page-region.ts';
import { PoolDescriptor } from './pool-descriptor.ts';
import type { KernelPoolOptions, PoolParts, Pools } from './pool-parts.ts';
import { PoolType } from './pool-type.ts';

/** Addresses of all pools. */
export interface PoolRegions {
  readonly nonPaged: PageRegion;
  readonly nonPagedNx: PageRegion | undefined;
  readonly paged: PageRegion;
  readonly session: PageRegion | undefined;
}

/** So many pages of nonpaged pool for the pool itself. */
export type TakePages = (pages: number) => KernelAddress;

function newDescriptor(
  { memory, layout, lists, blocks }: PoolParts,
  facts: Pick<PoolDescriptor, 'va' | 'kind' | 'type' | 'index' | 'region'>,
): PoolDescriptor {
  const descriptor = new PoolDescriptor(memory, layout.descriptor, facts);
  descriptor.initialize(lists, blocks.listCount);
  return descriptor;
}

/**
 * One node: nt!NonPagedPoolDescriptor, and behind it the descriptor of NX pool from Windows 8 on, which has number 1 in
 * headers. Source: distances between symbols of 9600 to 17763 have room for two; that the second is for NX is a guess.
 */
export function bootNonPaged(parts: PoolParts, regions: PoolRegions): Pick<Pools, 'nonPaged' | 'nonPagedNx'> {
  const { variables, layout, memory } = parts;
  const va = variables.get('NonPagedPoolDescriptor');
  const type = PoolType.NonPagedPool;
  const nonPaged = newDescriptor(parts, { va, kind: 'nonpaged', type, index: 0, region: regions.nonPaged });
  const nodes = variables.find('ExpNonPagedPoolDescriptor');
  if (nodes !== undefined) memory.writePointer(nodes, va);
  const nodeCount = variables.find('ExpNumberOfNonPagedPools');
  if (nodeCount !== undefined) memory.writeU32(nodeCount, 1);
  if (regions.nonPagedNx === undefined) return { nonPaged, nonPagedNx: nonPaged };
  const nonPagedNx = newDescriptor(parts, {
    va: va + layout.descriptor.size,
    kind: 'nonpaged-nx',
    type: PoolType.NonPagedPoolNx,
    index: 1,
    region: regions.nonPagedNx,
  });
  return { nonPaged, nonPagedNx };
}

/** Number 0 and the others, in memory of the pool, and nt!ExpPagedPoolDescriptor with their addresses. */
export function bootPaged(
  parts: PoolParts,
  region: PageRegion,
  takePages: TakePages,
  count: number,
): PoolDescriptor[] {
  assert(count >= 1 && count < pagedPoolSlots, `paged pools: 1 to ${pagedPoolSlots - 1}`);
  const { memory, variables, layout, generation } = parts;
  const start = takePages(Math.ceil(((count + 1) * layout.descriptor.size) / pageSize));
  const table = variables.get('ExpPagedPoolDescriptor');
  memory.writeU32(variables.get('ExpNumberOfPagedPools'), count);
  return Array.from({ length: count + 1 }, (_, index) => {
    const va = start + index * layout.descriptor.size;
    memory.writePointer(table + index * generation.pointerSize, va);
    return newDescriptor(parts, { va, kind: 'paged', type: PoolType.PagedPool, index, region });
  });
}

export function bootSession(
  parts: PoolParts,
  region: PageRegion | undefined,
  { regions: { session } }: KernelPoolOptions,
): PoolDescriptor | undefined {
  if (region === undefined || session === undefined) return undefined;
  const va = toKernelAddress(session.descriptor);
  return newDescriptor(parts, { va, kind: 'session', type: PoolType.PagedPoolSession, index: 0, region });
}

/** nt!PoolVector: nonpaged and paged; NX pool has no place there. Source: distances between symbols of 9600 to 17763. */
export function writeVector(
  { memory, variables, generation }: PoolParts,
  nonPaged: PoolDescriptor,
  paged: PoolDescriptor,
): void {
  const vector = variables.get('PoolVector');
  memory.writePointer(vector, nonPaged.va);
  memory.writePointer(vector + generation.pointerSize, paged.va);
}
