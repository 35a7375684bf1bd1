import { Fault, pageSize, type Va, wrap64 } from '../../base/index.ts';
import type { ObjectKernel } from '../../windows/index.ts';
import type { BigAllocation } from '../big-pages.ts';
import type { HeapBlock, HeapProblem, HeapRange, PoolHeap } from './heap-block.ts';
import { isInKernelHalf } from './kernel-half.ts';
import { walkTree } from './rb-tree.ts';

/** An allocation that no segment has room for: a node in the heap's tree, and pages of its own. */
export interface LargeAllocation {
  /** Of the data, aligned to 64 KB. */
  readonly address: Va;
  /** Bytes of its pages. */
  readonly size: bigint;
  /** At its end, that nobody asked for. */
  readonly unusedBytes: number;
  /** Of the _HEAP_LARGE_ALLOC_DATA. */
  readonly node: Va;
}

/** How a walk ended: what is wrong, and why allocations may be lacking, one sentence each. */
export interface LargeEnd {
  readonly problems: readonly HeapProblem[];
  readonly missing: readonly string[];
}

/** The low bits of an address count unused bytes: large allocations begin at multiples of this. */
const granularity = 0x1_0000n;
/** More pages than a machine has of memory: 4 PB. */
const mostPages = 1n << 40n;

/**
 * The large allocations of a heap by address, out of the tree LargeAllocMetadata. Nodes that make no sense are told and left
 * out.
 */
export function* walkLargeAllocations(
  kernel: ObjectKernel,
  heap: Pick<PoolHeap, 'address'>,
): Generator<LargeAllocation, LargeEnd> {
  const { structures } = kernel;
  const tree = structures.offset('_SEGMENT_HEAP', 'LargeAllocMetadata');
  const places = placesOf(kernel);
  if (tree === undefined || places === undefined)
    return { problems: [], missing: ['the layout of _HEAP_LARGE_ALLOC_DATA is not known'] };
  const problems: HeapProblem[] = [];
  const missing: string[] = [];
  const walk = walkTree(kernel, wrap64(heap.address + BigInt(tree)));
  let last = -1n;
  for (let step = walk.next(); ; step = walk.next()) {
    if (step.done === true) {
      for (const { at, found, expected } of step.value.damage)
        problems.push({ rule: 'large-tree', at, found, ...(expected !== undefined && { expected }) });
      return { problems, missing: [...missing, ...step.value.missing] };
    }
    const node = wrap64(step.value.address - BigInt(places.node));
    const read = readNode(kernel, places, node);
    if (typeof read === 'string') missing.push(`the node at ${node.toString(16)}: ${read}`);
    else if ('rule' in read) problems.push(read);
    else if (read.address <= last) problems.push({ rule: 'large-tree', at: node, found: read.address });
    else {
      last = read.address;
      yield read;
    }
  }
}

interface Places {
  readonly node: number;
  readonly address: number;
  readonly pages: number;
  readonly pagesShift: bigint;
}

function placesOf({ structures, target }: ObjectKernel): Places | undefined {
  const type = structures.find('_HEAP_LARGE_ALLOC_DATA');
  const [node, address, pages] = ['TreeNode', 'VirtualAddress', 'AllocatedPages'].map((path) =>
    type?.member(path),
  );
  if (!node || !address || !pages || target.pointerSize !== 8) return undefined;
  return {
    node: node.offset,
    address: address.offset,
    pages: pages.offset,
    pagesShift: BigInt(pages.bits?.position ?? 0),
  };
}

function readNode(
  { target }: ObjectKernel,
  places: Places,
  node: Va,
): LargeAllocation | HeapProblem | string {
  const { memory } = target;
  const [stored, counts] = [places.address, places.pages].map((offset) =>
    memory.tryReadU64(wrap64(node + BigInt(offset))),
  );
  if (stored instanceof Fault || counts instanceof Fault) return 'it cannot be read';
  const address = stored! & ~(granularity - 1n);
  const unusedBytes = Number(stored! & (granularity - 1n));
  const pages = counts! >> places.pagesShift;
  const size = pages * BigInt(pageSize);
  if (pages === 0n || pages > mostPages || BigInt(unusedBytes) >= size || !isInKernelHalf(address))
    return { rule: 'large-size', at: node, found: pages };
  return { address, size, unusedBytes, node };
}

/** The large allocation that holds an address, and what is wrong with the tree; the whole tree is walked. */
export function* findLargeAllocation(
  kernel: ObjectKernel,
  heap: Pick<PoolHeap, 'address'>,
  va: Va,
): Generator<number, { readonly found: LargeAllocation | undefined; readonly end: LargeEnd }> {
  let found: LargeAllocation | undefined;
  let count = 0;
  const walk = walkLargeAllocations(kernel, heap);
  for (let step = walk.next(); ; step = walk.next()) {
    if (step.done === true) return { found, end: step.value };
    const { address, size } = step.value;
    if (va >= address && va < address + size) found = step.value;
    if (++count % perSign === 0) yield count;
  }
}

/** Nodes between two signs of life. */
const perSign = 1024;

/** As a range of its heap. */
export const largeRange = (
  heap: PoolHeap,
  { address, size, unusedBytes, node }: LargeAllocation,
): HeapRange => ({
  kind: 'large',
  start: address,
  end: address + size,
  heap,
  segment: undefined,
  descriptor: node,
  index: undefined,
  flags: undefined,
  unitCount: undefined,
  committedPages: undefined,
  unusedBytes,
  problems: [],
});

/** The other way: what a range of kind `large` is. */
export const largeOf = ({ start, end, unusedBytes, descriptor }: HeapRange): LargeAllocation => ({
  address: start,
  size: end - start,
  unusedBytes: unusedBytes ?? 0,
  node: descriptor ?? 0n,
});

/** As a block, with what the table of large allocations has of it. */
export const largeBlock = (
  { address, size, unusedBytes }: LargeAllocation,
  big: BigAllocation | undefined,
): HeapBlock => ({
  address,
  size: Number(size),
  allocator: 'large',
  state: 'allocated',
  tag: big?.tag,
  tagValue: big?.tagValue,
  header: undefined,
  data: address,
  chunk: undefined,
  slot: undefined,
  requested: Number(size) - unusedBytes,
  cachedIn: undefined,
});

/** What a large allocation is held against. */
export interface LargeWitnesses {
  /** Its entry in the table of large allocations; undefined: it has none. */
  readonly big: BigAllocation | undefined;
  /** Could the whole table be read, so that a lack says something? */
  readonly isTableWhole: boolean;
  /** Is memory of this heap never paged out? */
  readonly isPaged: boolean | undefined;
}

/**
 * Does a large allocation agree with the table of large allocations and with page tables? The table has what was asked for,
 * or that rounded up, and never more than its pages; pages of nonpaged pool are mapped.
 */
export function checkLargeAllocation(
  { target }: ObjectKernel,
  { address, size, unusedBytes, node }: LargeAllocation,
  { big, isTableWhole, isPaged }: LargeWitnesses,
): HeapProblem[] {
  const problems: HeapProblem[] = [];
  if (big === undefined) {
    if (isTableWhole) problems.push({ rule: 'large-table', at: node });
  } else if (big.address !== address || big.size > size || big.size < size - BigInt(unusedBytes))
    problems.push({
      rule: 'large-table',
      at: big.entry,
      found: big.size,
      expected: size - BigInt(unusedBytes),
    });
  if (isPaged !== false) return problems;
  for (const va of [address, address + size - BigInt(pageSize)]) {
    const read = target.memory.tryRead(va, 1);
    if (read instanceof Fault && (read.kind === 'not-present' || read.kind === 'demand-zero')) {
      problems.push({ rule: 'large-size', at: node, found: size / BigInt(pageSize) });
      break;
    }
  }
  return problems;
}
