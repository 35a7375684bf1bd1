import { pageOf, type Va } from '../../base/index.ts';
import { type BigAllocation, type BigSearch, findBigAllocation } from '../big-pages.ts';
import { type HeaderCandidate, headerCandidates } from '../candidates.ts';
import type { SearchedKernel } from '../kernel-data.ts';
import { type PoolKind, poolKind } from '../kind.ts';
import { type PoolRegion, poolRegion } from '../regions.ts';
import { billedHeapProcesses, type HeapBilling, quotaCookieBySymbol } from './heap-billing.ts';
import type { HeapBlock, HeapPage, HeapProblem } from './heap-block.ts';
import { readHeapPage } from './heap-page.ts';
import { regionOfHeap } from './heap-text.ts';
import { checkLargeAllocation, largeOf } from './large-allocations.ts';

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
  /** Places that look like headers, of a page whose blocks cannot all be told; undefined: they can, or nothing of it is in the dump. */
  readonly candidates: readonly HeaderCandidate[] | undefined;
}

/** Says what an address is in pool on the segment heap. Yields how far it is with the tables and lists that it looks at. */
export function* describeHeap(kernel: SearchedKernel, va: Va): Generator<number, HeapReport> {
  const read = yield* readHeapPage(kernel, va);
  const { billed, problems } = billedHeapProcesses(kernel, read.blocks, quotaCookieBySymbol(kernel));
  const block = heapBlockAt(read, va);
  const hasTag = block !== undefined && (block.tag !== undefined || block.state === 'free');
  const big = hasTag ? undefined : yield* findBigAllocation(kernel, va);
  const page = withProblems(read, [...problems, ...largeProblems(kernel, read, big?.found)]);
  return {
    kind: 'segment-heap',
    address: va,
    pool: poolKind(kernel),
    region: page.range === undefined ? poolRegion(kernel, va) : regionOfHeap(kernel, page.range.heap, va),
    page,
    block,
    billed,
    big,
    candidates: candidatesOf(kernel, page),
  };
}

/** Where blocks cannot be told, or only some of them: what is outside of those. */
function candidatesOf(kernel: SearchedKernel, page: HeapPage): readonly HeaderCandidate[] | undefined {
  if (page.verdict !== 'unrecognized' && page.keyFrom === undefined) return undefined;
  return headerCandidates(kernel, page.address)?.filter(
    ({ address }) => heapBlockAt(page, address) === undefined,
  );
}

/** What the table of large allocations and page tables say against a large allocation; none of other pages. */
export function largeProblems(
  kernel: SearchedKernel,
  { range }: HeapPage,
  big: BigAllocation | undefined,
): HeapProblem[] {
  if (range?.kind !== 'large') return [];
  // A free takes the entry out first: that there is none says nothing.
  return checkLargeAllocation(kernel, largeOf(range), {
    big,
    isTableWhole: false,
    isPaged: range.heap.isPaged,
  });
}

export const withProblems = (page: HeapPage, more: readonly HeapProblem[]): HeapPage =>
  more.length === 0 ? page : { ...page, verdict: 'damaged', problems: [...page.problems, ...more] };

/** The block of a page that holds an address, its chunk header included. */
export function heapBlockAt({ blocks, address }: HeapPage, va: Va): HeapBlock | undefined {
  if (pageOf(va) !== address) return undefined;
  return blocks.find((block) => {
    const start = block.chunk === undefined ? block.address : block.chunk.address;
    return va >= start && va < block.address + BigInt(block.size);
  });
}
