import { pageSize, type Va } from '../../base/index.ts';
import type { MemoryRange } from '../../mmu/index.ts';
import type { SearchedKernel } from '../kernel-data.ts';
import { isPlaced } from '../placed.ts';
import type { PoolRegionName } from '../told-ranges.ts';
import type { WalkBudget } from '../walk/walk-budget.ts';
import type { HeapBlock, HeapPage } from './heap-block.ts';
import { decodeHeapType } from './heap-header.ts';
import { lonePage } from './heap-page.ts';
import type { PoolHeaps } from './pool-heaps.ts';
import { kernelPages } from './proven-keys.ts';
import { findHeapRange } from './range-descriptors.ts';

/** Pages whose heap is not known, with blocks that the heap key alone tells; damage is not looked for on them. */
export interface LonePages {
  readonly count: number;
  /** From the first to the last; other memory lies between. */
  readonly span: MemoryRange;
  /** How the key is known. */
  readonly keyFrom: string;
}

/** Pages between two signs of life. */
const pagesPerSign = 64;

/**
 * Goes through all kernel memory in the dump for pages of heaps that are not: chunk headers that decode with the key tell their
 * blocks. Nothing is looked at where all heaps or no key are known. Yields addresses that it came to.
 */
export function* walkLonePages(
  kernel: SearchedKernel,
  heaps: PoolHeaps,
  budget: WalkBudget,
  page: (page: HeapPage, pool: PoolRegionName) => void,
  within?: MemoryRange,
): Generator<Va, LonePages | undefined> {
  const { heapKey } = heaps.keys;
  if (isPlaced(heaps.state) || !isPlaced(heapKey)) return undefined;
  let count = 0;
  let seen = 0;
  let span: MemoryRange | undefined;
  for (const va of kernelPages(kernel, Infinity)) {
    if (budget.isSpent) break;
    if (++seen % pagesPerSign === 0) yield va;
    const isWanted = within === undefined || (va < within.end && va + BigInt(pageSize) > within.start);
    if (!isWanted) continue;
    budget.spend(pageSize, 0);
    if (heaps.heaps.length > 0 && findHeapRange(kernel, heaps, va) !== undefined) continue;
    const found = lonePage(kernel, heaps, va);
    if (found.blocks.length === 0) continue;
    page(found, poolOfBlocks(found.blocks));
    count++;
    span = { start: span?.start ?? va, end: va + BigInt(pageSize) };
    yield va;
  }
  return span === undefined ? undefined : { count, span, keyFrom: heapKey.from };
}

/** A subsegment has blocks of one pool: their headers name it. */
function poolOfBlocks(blocks: readonly HeapBlock[]): PoolRegionName {
  const names = new Set(blocks.flatMap(({ header }) => (header === undefined ? [] : poolOf(header.type))));
  const [name] = names;
  return name === undefined || names.size > 1 ? 'unknown' : name;
}

function poolOf(type: number): PoolRegionName {
  const { isValid, session, paged } = decodeHeapType(type);
  if (!isValid) return 'unknown';
  return session ? 'paged-session' : paged ? 'paged' : 'nonpaged';
}
