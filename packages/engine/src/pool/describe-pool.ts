import { pageOf, type Va } from '../base/index.ts';
import type { Module, ObjectKernel } from '../windows/index.ts';
import { type BigSearch, findBigAllocation } from './big-pages.ts';
import { type PageKnowledge, pageKnowledge } from './free-knowledge.ts';
import { describeHeap, type HeapReport } from './heap/index.ts';
import { type PoolKind, poolKind } from './kind.ts';
import type { PoolBlock, PoolPage } from './page.ts';
import { readPoolPage } from './read-pool-page.ts';
import { type PoolRegion, poolRegion } from './regions.ts';
import { readSpecialPool, type SpecialPool } from './special-pool.ts';

/** What an address is in the pool. */
export type PoolReport = SpecialReport | HeapReport | PoolPageReport | NoPoolReport;

/** In an image: no pool, whatever its bytes look like. */
export interface NoPoolReport {
  readonly kind: 'not-pool';
  readonly address: Va;
  /** Name of the module. */
  readonly module: string;
}

/** On a page of special pool: one block, or the page that guards it. */
export interface SpecialReport {
  readonly kind: 'special';
  readonly address: Va;
  readonly special: SpecialPool;
}

/** In the classic pool: a page of small blocks, or a large allocation. */
export interface PoolPageReport {
  readonly kind: 'classic';
  readonly address: Va;
  readonly pool: PoolKind;
  readonly region: PoolRegion;
  readonly page: PoolPage;
  /** The block that holds the address, where its header makes sense. */
  readonly block: PoolBlock | undefined;
  /** Asked only where the page is not one of small blocks throughout. */
  readonly big: BigSearch | undefined;
  /** What the lists of free blocks and of those put aside say of its blocks; undefined where it has none. */
  readonly lists: PageKnowledge | undefined;
}

/** What the pool is read from: the crashed system as a whole. */
export interface PoolKernel extends ObjectKernel {
  readonly modules: readonly Module[];
}

/** Says what an address is in the pool. Yields how far it is with the tables and lists that it looks at. */
export function* describePool(kernel: PoolKernel, va: Va): Generator<number, PoolReport> {
  const module = kernel.modules.find(({ base, size }) => va >= base && va < base + BigInt(size));
  if (module !== undefined) return { kind: 'not-pool', address: va, module: module.name };
  const special = readSpecialPool(kernel, va);
  if (special?.trust === 'proven') return { kind: 'special', address: va, special };
  const pool = poolKind(kernel);
  if (pool.kind === 'segment-heap') {
    const report = yield* describeHeap(kernel, va);
    return special === undefined
      ? report
      : { kind: 'special', address: va, special: inHeap(special, report) };
  }
  const page = readPoolPage(kernel, va);
  if (special !== undefined && page.verdict !== 'whole') return { kind: 'special', address: va, special };
  const big =
    (page.verdict === 'whole' && va >= (page.tail ?? page.address)) || page.verdict === 'incomplete'
      ? undefined
      : yield* findBigAllocation(kernel, va);
  const region = poolRegion(kernel, va, page.blocks);
  const lists =
    page.blocks.length === 0 || big?.found !== undefined ? undefined : yield* pageKnowledge(kernel, page);
  const known = withStates(page, lists);
  return { kind: 'classic', address: va, pool, region, page: known, block: blockAt(known, va), big, lists };
}

/** On the segment heap special pool has heaps of its own: what is in one of them needs no other proof. */
function inHeap(special: SpecialPool, { page: { range } }: HeapReport): SpecialPool {
  if (range?.heap.isSpecial !== true) return special;
  const reason = `it is in a heap for special pool, known by ${range.heap.from}`;
  return { ...special, trust: 'proven', reasons: [reason, ...special.reasons] };
}

/** Before Vista the header of a block that is put aside can be that of one in use: its list tells. */
function withStates(page: PoolPage, lists: PageKnowledge | undefined): PoolPage {
  const aside = new Set(
    lists?.findings
      .filter(({ kind, on }) => kind === 'listed' && on.every((place) => place.kind !== 'free-list'))
      .map(({ address }) => address),
  );
  if (!page.blocks.some(({ address, state }) => state === 'allocated' && aside.has(address))) return page;
  const blocks = page.blocks.map(
    (block): PoolBlock => (aside.has(block.address) ? { ...block, state: 'cached' } : block),
  );
  return { ...page, blocks };
}

/** The block that holds an address; a header whose size is in doubt reaches to the next one at most. */
export function blockAt({ blocks, unexplained }: PoolPage, va: Va): PoolBlock | undefined {
  const at = blocks.findLastIndex(({ address }) => address <= va);
  const block = blocks[at];
  if (block === undefined || va >= block.address + BigInt(block.size)) return undefined;
  const inGap = unexplained.some(({ start, end }) => start > block.address && va >= start && va < end);
  return inGap ? undefined : block;
}

/** Is an address one that the kernel could have pool at? */
export const isKernelAddress = ({ target }: Pick<ObjectKernel, 'target'>, va: Va): boolean =>
  target.pointerSize === 8 ? pageOf(va) >= 0xffff_8000_0000_0000n : va >= 0xffff_ffff_8000_0000n;
