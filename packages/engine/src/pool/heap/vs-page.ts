import { pageOf, pageSize, type Va } from '../../base/index.ts';
import { type PoolFormat, poolFormat } from '../format.ts';
import type { SearchedKernel } from '../kernel-data.ts';
import type { PageVerdict } from '../page.ts';
import { isZeroed, type PageBytes, readPage } from '../page-bytes.ts';
import type { HeapExtent, HeapPage, HeapProblem, HeapRange } from './heap-block.ts';
import type { PoolHeaps } from './pool-heaps.ts';
import { type ReadVsBlock, type VsBlockReading, vsBlock } from './vs-blocks.ts';
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

const formats = new WeakMap<SearchedKernel, PoolFormat>();

function formatOf(kernel: SearchedKernel): PoolFormat {
  const format = formats.get(kernel) ?? poolFormat(kernel);
  formats.set(kernel, format);
  return format;
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
    format: formatOf(kernel),
    page: bytes,
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
    ...notInTree(subsegment, address, knowledge),
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

/** Chunks that have a byte on the page, as indexes: from the first to the one behind the last. */
function chunksOn({ chunks, sizes }: VsSubsegment, page: Va): readonly [number, number] {
  const end = page + BigInt(pageSize);
  let [low, high] = [0, chunks.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const { address } = chunks[middle]!;
    if (address + BigInt(sizes[middle]!) > page) high = middle;
    else low = middle + 1;
  }
  while (high < chunks.length && chunks[high]!.address < end) high++;
  return [low, high];
}

/** Blocks that have a byte on the page. */
function blocksOf(subsegment: VsSubsegment, page: Va, reading: VsBlockReading): ReadVsBlock[] {
  const { chunks, sizes, memory } = subsegment;
  const end = page + BigInt(pageSize);
  const blocks: ReadVsBlock[] = [];
  const [from, to] = chunksOn(subsegment, page);
  for (let index = from; index < to; index++) {
    const read = vsBlock(memory, chunks[index]!, reading, sizes[index]);
    if (read.block.address < end && read.block.address + BigInt(read.block.size) > page) blocks.push(read);
  }
  return blocks;
}

/** Free chunks on a page that the tree does not have, where all of the tree is known. */
function notInTree(subsegment: VsSubsegment, page: Va, { free, isTreeWhole }: VsKnowledge): HeapProblem[] {
  if (!isTreeWhole) return [];
  return subsegment.chunks
    .slice(...chunksOn(subsegment, page))
    .filter(({ address, allocated }) => allocated === 0 && address >= page && !free.has(address))
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
