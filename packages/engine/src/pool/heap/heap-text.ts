import type { Va } from '../../base/index.ts';
import type { ObjectKernel } from '../../windows/index.ts';
import { type PoolRegion, poolText, regionExecutable } from '../regions.ts';
import type { PoolRegionName } from '../told-ranges.ts';
import type { HeapRole, PoolHeap } from './heap-block.ts';

const roles: Readonly<Record<HeapRole, string>> = {
  nonpaged: 'nonpaged pool, executable',
  'nonpaged-nx': 'nonpaged pool',
  paged: 'paged pool',
  prototype: 'paged pool for prototype PTEs',
  session: 'paged pool of a session',
  metadata: 'what the heap manager keeps for itself',
};

/** What a heap is for, in words. */
export function heapText({ role, isSpecial, node, isPaged }: PoolHeap): string {
  if (role === undefined)
    return isPaged === undefined ? 'its use is not known' : isPaged ? 'paged' : 'nonpaged';
  const special = isSpecial === true ? 'special pool: ' : '';
  const where = node === undefined || node === 0 ? '' : `, node ${node}`;
  return `${special}${roles[role]}${where}`;
}

const names: Readonly<Record<HeapRole, PoolRegionName>> = {
  nonpaged: 'nonpaged',
  'nonpaged-nx': 'nonpaged',
  paged: 'paged',
  prototype: 'paged',
  session: 'paged-session',
  metadata: 'unknown',
};

/** Which pool a heap is. */
export function poolOfHeap({ role, isSpecial, isPaged }: PoolHeap): PoolRegionName {
  if (isSpecial === true) return 'special';
  if (role !== undefined) return names[role];
  return isPaged === undefined ? 'unknown' : isPaged ? 'paged' : 'nonpaged';
}

/** The region of an address in a heap. */
export function regionOfHeap(kernel: ObjectKernel, heap: PoolHeap, va: Va): PoolRegion {
  const name = poolOfHeap(heap);
  return {
    name,
    text: poolText(name),
    from: `its heap, known by ${heap.from}`,
    executable: regionExecutable(kernel, va),
  };
}
