import { pageOf, pageSize, type Va } from '../../base/index.ts';
import { poolFormat } from '../format.ts';
import type { SearchedKernel } from '../kernel-data.ts';
import type { PageVerdict } from '../page.ts';
import { isZeroed, type PageBytes, readPage } from '../page-bytes.ts';
import type { HeapExtent, HeapPage, HeapProblem, HeapRange } from './heap-block.ts';
import type { PoolHeaps } from './pool-heaps.ts';
import { type ReadVsBlock, vsBlock } from './vs-blocks.ts';
import { noVsKnowledge, readVsSubsegment, type VsKnowledge, type VsSubsegment } from './vs-subsegment.ts';

/** How the page of a VS range is read. */
export interface VsPageReading {
  /** What the VS context tells of its chunks; none: they are read by themselves. */
  readonly knowledge?: VsKnowledge;
  /** nt!ExpPoolQuotaCookie, where it is known: proves second headers. */
  readonly cookie?: bigint | undefined;
}

interface Remembered {
  readonly knowledge: VsKnowledge;
  readonly subsegment: VsSubsegment | string;
}

/** Of a range whose pages are read one after the other. */
const remembered = new WeakMap<HeapRange, Remembered>();

function subsegmentOf(
  kernel: SearchedKernel,
  heaps: PoolHeaps,
  range: HeapRange,
  knowledge: VsKnowledge,
): VsSubsegment | string {
  const known = remembered.get(range);
  if (known?.knowledge === knowledge) return known.subsegment;
  const subsegment = readVsSubsegment(kernel, heaps, range, knowledge);
  remembered.set(range, { knowledge, subsegment });
  return subsegment;
}

/** The page of `va` in a VS range: the blocks in it, and what its chunks and headers have wrong. */
export function readVsPage(
  kernel: SearchedKernel,
  heaps: PoolHeaps,
  range: HeapRange,
  va: Va,
  { knowledge = noVsKnowledge, cookie }: VsPageReading = {},
): HeapPage {
  const bytes = readPage(kernel.target.memory, pageOf(va));
  const subsegment = subsegmentOf(kernel, heaps, range, knowledge);
  if (typeof subsegment === 'string') return unreadPage(bytes, range, subsegment);
  const { address } = bytes;
  const read = blocksOf(subsegment, address, {
    format: poolFormat(kernel),
    paged: range.heap.isPaged,
    cookie,
    kept: knowledge.kept,
  });
  const isHere = ({ at }: { readonly at: Va }): boolean => at >= address && at < address + BigInt(pageSize);
  const headers = read.filter(({ block }) => isHere({ at: block.address }));
  const own = headers.flatMap(({ problems }) => problems);
  const problems = [
    ...range.problems,
    ...subsegment.problems.filter((problem) => isHere(problem) || isOfAll(problem)),
    ...notInTree(subsegment, knowledge).filter(isHere),
    ...own,
  ];
  const unexplained = [
    ...subsegment.unexplained.flatMap((extent) => clip(extent, address)),
    ...headers.flatMap((each) => headerExtent(each)),
  ].sort((a, b) => (a.start < b.start ? -1 : 1));
  return {
    address,
    verdict: verdictOf(bytes, problems, unexplained),
    why: undefined,
    range,
    blocks: read.map(({ block }) => block),
    problems,
    unexplained,
    expected: subsegment.expected.filter(isHere),
    bitErrors: [
      ...subsegment.bitErrors.filter(isHere),
      ...(headers.filter((each) => each.problems.length > 0).length === 1
        ? headers.flatMap(({ bitErrors }) => bitErrors)
        : []),
    ],
    isZeroed: isZeroed(bytes),
  };
}

const unreadPage = (bytes: PageBytes, range: HeapRange, why: string): HeapPage => ({
  address: bytes.address,
  verdict: bytes.mask.includes(1) ? 'unrecognized' : 'missing',
  why,
  range,
  blocks: [],
  problems: range.problems,
  unexplained: [],
  expected: [],
  bitErrors: [],
  isZeroed: isZeroed(bytes),
});

/** Of the subsegment as a whole: told on every page. */
const isOfAll = ({ rule }: HeapProblem): boolean => rule === 'vs-signature' || rule === 'vs-range';

/** Blocks that have a byte on the page. */
function blocksOf(
  { chunks, memory }: VsSubsegment,
  page: Va,
  reading: Parameters<typeof vsBlock>[2],
): ReadVsBlock[] {
  const end = page + BigInt(pageSize);
  return chunks
    .filter(({ address, size }) => address < end && address + BigInt(size) > page)
    .map((chunk) => vsBlock(memory, chunk, reading))
    .filter(({ block }) => block.address < end && block.address + BigInt(block.size) > page);
}

/** Free chunks that the tree does not have, where all of the tree is known. */
function notInTree({ chunks }: VsSubsegment, { free, isTreeWhole }: VsKnowledge): HeapProblem[] {
  if (!isTreeWhole) return [];
  return chunks
    .filter(({ address, allocated }) => allocated === 0 && !free.has(address))
    .map(({ address }): HeapProblem => ({ rule: 'vs-tree-missing', at: address }));
}

function headerExtent({ block, problems, lacksHeader }: ReadVsBlock): HeapExtent[] {
  if (problems.length === 0 && !lacksHeader) return [];
  const reason = lacksHeader ? 'missing' : 'damaged';
  return [{ start: block.address, end: block.address + 0x10n, reason }];
}

/** The part of an extent that is on the page. */
function clip({ start, end, reason }: HeapExtent, page: Va): HeapExtent[] {
  const from = start > page ? start : page;
  const to = end < page + BigInt(pageSize) ? end : page + BigInt(pageSize);
  return from < to ? [{ start: from, end: to, reason }] : [];
}

function verdictOf(
  { mask }: PageBytes,
  problems: readonly HeapProblem[],
  unexplained: readonly HeapExtent[],
): PageVerdict {
  if (!mask.includes(1)) return 'missing';
  if (problems.length > 0 || unexplained.some(({ reason }) => reason === 'damaged')) return 'damaged';
  return unexplained.length > 0 ? 'incomplete' : 'whole';
}
