import { pageOf, type Va } from '../../base/index.ts';
import { hasHeaderLike } from '../candidates.ts';
import type { SearchedKernel } from '../kernel-data.ts';
import { isZeroed, type PageBytes, readPage } from '../page-bytes.ts';
import { isPlaced } from '../placed.ts';
import { quotaCookieBySymbol } from './heap-billing.ts';
import type { HeapBlock, HeapPage, HeapRange } from './heap-block.ts';
import { readHeapLists } from './heap-lists.ts';
import { findLargeAllocation, largeBlock, largeOf, largeRange } from './large-allocations.ts';
import { readLfhContext } from './lfh-context.ts';
import { readLfhPage } from './lfh-page.ts';
import { type PoolHeaps, readPoolHeaps } from './pool-heaps.ts';
import { withProvenKey, withProvenLfhKey } from './proven-keys.ts';
import { findHeapRange } from './range-descriptors.ts';
import { VsCode } from './vs-code.ts';
import { loneVsBlocks } from './vs-lone-page.ts';
import { readVsPage } from './vs-page.ts';
import type { VsKnowledge } from './vs-subsegment.ts';

/** Reads the page of an address as its heap has it. Yields how far it is with lists and trees. */
export function* readHeapPage(kernel: SearchedKernel, va: Va): Generator<number, HeapPage> {
  const told = readPoolHeaps(kernel);
  if (typeof told === 'string') return strangePage(kernel, va, told);
  if (!isPlaced(told.keys.heapKey) && !isPlaced(told.state) && !canUseKey(kernel, told, va))
    return strangePage(kernel, va, told.state);
  const heaps = yield* withProvenKey(kernel, told);
  const range = findHeapRange(kernel, heaps, va) ?? (yield* findLargeRange(kernel, heaps, va));
  if (range === undefined) return lonePage(kernel, heaps, va);
  const knowledge = yield* readHeapLists(kernel, heaps, range.heap);
  const context = readLfhContext(kernel, range.heap);
  return readPageOfRange(
    kernel,
    yield* withProvenLfhKey(kernel, heaps, range, context),
    range,
    va,
    knowledge,
  );
}

/** Does a key matter here? Without heaps it tells chunks of the page alone, and a page with none has nothing like their headers. */
const canUseKey = (kernel: SearchedKernel, { heaps }: PoolHeaps, va: Va): boolean =>
  heaps.length > 0 || hasHeaderLike(kernel, va);

/** A page that no range is known of: where heaps are missing, the key still tells chunks on it. */
export function lonePage(kernel: SearchedKernel, heaps: PoolHeaps, va: Va): HeapPage {
  const { heapKey } = heaps.keys;
  const canTell = !isPlaced(heaps.state) && isPlaced(heapKey);
  const blocks = canTell ? loneVsBlocks(kernel, new VsCode(heapKey.value), va) : [];
  const strange = strangePage(kernel, va, whyNoRange(kernel, heaps, va));
  if (!canTell || blocks.length === 0 || strange.verdict === 'missing') return strange;
  return { ...strange, verdict: 'incomplete', blocks, keyFrom: heapKey.from };
}

/** Large allocations are in no segment: each heap has a tree of them. */
function* findLargeRange(
  kernel: SearchedKernel,
  { heaps }: PoolHeaps,
  va: Va,
): Generator<number, HeapRange | undefined> {
  for (const heap of heaps) {
    const { found } = yield* findLargeAllocation(kernel, heap, va);
    if (found !== undefined) return largeRange(heap, found);
  }
  return undefined;
}

function whyNoRange({ structures }: SearchedKernel, { heaps, keys, state }: PoolHeaps, va: Va): string {
  const size = BigInt(structures.find('_SEGMENT_HEAP')?.size ?? 0);
  const own = heaps.find(({ address }) => va >= address && va < address + size);
  if (own !== undefined) return `it is in the _SEGMENT_HEAP at ${own.address.toString(16)} itself`;
  if (!isPlaced(keys.heapKey)) return `cannot validate: the heap key is not in this dump (${keys.heapKey})`;
  if (heaps.length === 0) return isPlaced(state) ? 'no heap of the pool is in this dump' : state;
  return 'no segment or large allocation of a known heap has it';
}

/** A page in a range that is known. */
export function readPageOfRange(
  kernel: SearchedKernel,
  heaps: PoolHeaps,
  range: HeapRange,
  va: Va,
  knowledge: VsKnowledge,
): HeapPage {
  const cookie = quotaCookieBySymbol(kernel)?.value;
  switch (range.kind) {
    case 'lfh': {
      const context = readLfhContext(kernel, range.heap);
      return readLfhPage(kernel, range, va, {
        keys: heaps.keys,
        context: typeof context === 'string' ? undefined : context,
        cookie,
      });
    }
    case 'vs':
      return bareBlocks(readVsPage(kernel, heaps, range, va, { knowledge, cookie }));
    case 'range':
      return ownPages(kernel, range, va, rangeBlock(range));
    case 'large':
      return largePage(kernel, range, va);
    case 'free':
      return { ...strangePage(kernel, va, undefined, range), verdict: 'whole' };
    case 'header':
      return strangePage(kernel, va, 'it is in the header of a segment', range);
    case 'unknown':
      return strangePage(
        kernel,
        va,
        'the descriptor of its pages is not in this dump, or makes no sense',
        range,
      );
  }
}

/** Blocks of what the heap manager keeps for itself have no POOL_HEADER. */
function bareBlocks(page: HeapPage): HeapPage {
  if (page.range?.heap.role !== 'metadata') return page;
  const none = { tag: undefined, tagValue: undefined, header: undefined };
  const starts = new Set(page.blocks.map(({ address }) => address));
  const problems = page.problems.filter(({ rule }) => !rule.startsWith('header-'));
  const unexplained = page.unexplained.filter(({ start }) => !starts.has(start));
  const isWhole = page.verdict === 'damaged' && problems.length === 0;
  return {
    ...page,
    verdict: isWhole ? 'whole' : page.verdict,
    blocks: page.blocks.map((block) => (block.state === 'free' ? block : { ...block, ...none })),
    problems,
    unexplained,
    bitErrors: page.bitErrors.filter(({ at }) => !starts.has(at)),
  };
}

/** A page of a large allocation. */
export const largePage = (kernel: SearchedKernel, range: HeapRange, va: Va): HeapPage =>
  ownPages(kernel, range, va, largeBlock(largeOf(range), undefined));

/** One allocation, whose pages have nothing of the heap on them. */
function ownPages(kernel: SearchedKernel, range: HeapRange, va: Va, block: HeapBlock): HeapPage {
  const base = strangePage(kernel, va, undefined, range);
  return { ...base, verdict: range.problems.length > 0 ? 'damaged' : 'whole', blocks: [block] };
}

/** An allocation of a whole range. */
export const rangeBlock = ({ start, end, unusedBytes }: HeapRange): HeapBlock => ({
  address: start,
  size: Number(end - start),
  allocator: 'segment',
  state: 'allocated',
  tag: undefined,
  tagValue: undefined,
  header: undefined,
  data: start,
  chunk: undefined,
  slot: undefined,
  requested: unusedBytes === undefined ? undefined : Number(end - start) - unusedBytes,
  cachedIn: undefined,
});

/** A page without blocks that can be told. */
function strangePage(kernel: SearchedKernel, va: Va, why: string | undefined, range?: HeapRange): HeapPage {
  const bytes: PageBytes = readPage(kernel.target.memory, pageOf(va));
  return {
    address: bytes.address,
    verdict: bytes.mask.includes(1) ? 'unrecognized' : 'missing',
    why,
    range,
    blocks: [],
    problems: range?.problems ?? [],
    unexplained: [],
    expected: [],
    bitErrors: [],
    isZeroed: isZeroed(bytes),
  };
}
