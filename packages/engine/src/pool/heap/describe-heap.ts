import { pageOf, type Va } from '../../base/index.ts';
import { type BigSearch, findBigAllocation } from '../big-pages.ts';
import { type HeaderCandidate, headerCandidates } from '../candidates.ts';
import type { SearchedKernel } from '../kernel-data.ts';
import { type PoolKind, poolKind } from '../kind.ts';
import { type PoolRegion, poolRegion } from '../regions.ts';
import { billedHeapProcesses, type HeapBilling, quotaCookieBySymbol } from './heap-billing.ts';
import type { HeapBlock, HeapPage, HeapProblem } from './heap-block.ts';
import { readHeapPage } from './heap-page.ts';
import { regionOfHeap } from './heap-text.ts';

/** An address in a pool on the segment heap. */
export interface HeapReport {
  readonly kind: 'segment-heap';
  readonly address: Va;
  readonly pool: PoolKind;
  readonly region: PoolRegion;
  /** The page as its heap has it; without a range where no known heap has it, and then `why` says what is missing. */
  readonly page: HeapPage;
  /** The block that holds the address, its chunk header included. */
  readonly block: HeapBlock | undefined;
  /** Who pays for its blocks, by their addresses; empty where nt!ExpPoolQuotaCookie is not known. */
  readonly billed: HeapBilling['billed'];
  /** Asked where no header tells the tag. */
  readonly big: BigSearch | undefined;
  /** Places that look like headers, of a page whose blocks cannot be told; undefined: they can, or nothing of it is in the dump. */
  readonly candidates: readonly HeaderCandidate[] | undefined;
}

/** Says what an address is in pool on the segment heap. Yields how far it is with the tables and lists that it looks at. */
export function* describeHeap(kernel: SearchedKernel, va: Va): Generator<number, HeapReport> {
  const read = yield* readHeapPage(kernel, va);
  const { billed, problems } = billedHeapProcesses(kernel, read.blocks, quotaCookieBySymbol(kernel));
  const page = withProblems(read, problems);
  const block = heapBlockAt(page, va);
  const hasTag = block !== undefined && (block.tag !== undefined || block.state === 'free');
  const big = hasTag ? undefined : yield* findBigAllocation(kernel, va);
  return {
    kind: 'segment-heap',
    address: va,
    pool: poolKind(kernel),
    region: page.range === undefined ? poolRegion(kernel, va) : regionOfHeap(kernel, page.range.heap, va),
    page,
    block,
    billed,
    big,
    candidates: page.verdict === 'unrecognized' ? headerCandidates(kernel, va) : undefined,
  };
}

const withProblems = (page: HeapPage, more: readonly HeapProblem[]): HeapPage =>
  more.length === 0 ? page : { ...page, verdict: 'damaged', problems: [...page.problems, ...more] };

/** The block of a page that holds an address, its chunk header included. */
export function heapBlockAt({ blocks, address }: HeapPage, va: Va): HeapBlock | undefined {
  if (pageOf(va) !== address) return undefined;
  return blocks.find((block) => {
    const start = block.chunk === undefined ? block.address : block.chunk.address;
    return va >= start && va < block.address + BigInt(block.size);
  });
}
