import type { Va } from '../../base/index.ts';
import { runToEnd } from '../../memory/index.ts';
import {
  decodeHeapType,
  describePool,
  type HeapBlock,
  type HeapReport,
  type PoolBlock,
  type PoolPageReport,
  type PoolReport,
  toldSize,
} from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';

/** A page of small blocks with the block that holds an address, of the classic pool or of a segment heap. */
export type SmallPool = Pick<PoolPageReport, 'address' | 'region' | 'page' | 'block' | 'big'>;

/** What an address is in small pool; undefined: it is in none, or not to be told. */
export const smallPoolAt = (system: CrashedSystem, va: Va): SmallPool | undefined =>
  smallPoolOf(runToEnd(describePool(system, va)));

export function smallPoolOf(report: PoolReport | undefined): SmallPool | undefined {
  if (report?.kind === 'classic') return report;
  return report?.kind === 'segment-heap' && report.page.range !== undefined ? ofHeap(report) : undefined;
}

/** A page of a heap as detectors look at one: damage of heaps is read by readers of their own, and is not among it. */
function ofHeap(report: HeapReport): SmallPool {
  const { page, block, region, address, big } = report;
  const { range } = page;
  const seen = (each: HeapBlock): PoolBlock => seenBlock(each, range!.heap);
  const known = page.blocks.filter(({ state }) => state !== 'unknown');
  return {
    address,
    region,
    page: {
      address: page.address,
      verdict: page.verdict,
      blocks: known.map(seen),
      problems: [],
      unexplained: page.unexplained,
      expected: [],
      bitErrors: [],
      oddTags: [],
      isZeroed: page.isZeroed,
    },
    block: block === undefined || block.state === 'unknown' ? undefined : seen(block),
    big,
  };
}

/** What a header in use says of its type where none is known. */
const inUse = 2;

/** A block of a heap as one of the classic pool. A free chunk has no tag. */
export function seenBlock(
  block: HeapBlock,
  { isPaged, role }: { readonly isPaged: boolean | undefined; readonly role: string | undefined },
): PoolBlock {
  const { address, header, state, tag, tagValue, allocator } = block;
  const type = header?.type ?? inUse;
  return {
    address,
    size: toldSize(block),
    previousSize: 0,
    index: header?.index ?? 0,
    type,
    state: state === 'unknown' ? 'allocated' : state,
    paged: isPaged,
    session: role === 'session',
    quota: decodeHeapType(type).quota,
    billed: undefined,
    tag: tag ?? '',
    tagValue: tagValue ?? 0,
    isProtected: false,
    heapPart: allocator,
  };
}
