import type { Va } from '../base/index.ts';
import {
  type BigAllocation,
  describePool,
  type HeapBlock,
  type HeapReport,
  judgePage,
  type PoolBlock,
  type PoolRegion,
  poolFormat,
  type SpecialBlock,
} from '../pool/index.ts';
import type { CrashedSystem } from '../system/index.ts';

/** What of the pool an address is in; one of the four. */
export interface PoolUse {
  readonly block?: PoolBlock;
  /** A block of the segment heap, or an allocation on pages of its own. */
  readonly heapBlock?: HeapBlock;
  readonly large?: BigAllocation;
  readonly special?: SpecialBlock;
  /** Which pool; of special pool its own block tells. */
  readonly region?: PoolRegion;
}

/**
 * The block that holds an address, where its page is pool without a doubt; undefined elsewhere, and where nothing of the heap
 * confirms a header. Yields how many entries of the table of large allocations were looked at.
 */
export function* findPoolUse(system: CrashedSystem, va: Va): Generator<number, PoolUse | undefined> {
  const report = yield* describePool(system, va);
  if (report.kind === 'special') {
    const { special } = report;
    return special.trust === 'proven' && special.block !== undefined ? { special: special.block } : undefined;
  }
  if (report.kind === 'segment-heap') return heapUse(report);
  if (report.kind !== 'classic') return undefined;
  const { page, block, big, region } = report;
  if (big?.found !== undefined) return { large: big.found, region };
  const noBig = big !== undefined && big.unknown === undefined;
  const isPool = judgePage(page, poolFormat(system), { told: false, noBig }) !== 'other';
  return isPool && block !== undefined ? { block, region } : undefined;
}

/** A heap tells where its blocks are; where none is known, the table of large allocations does. */
function heapUse({ block, big, region, page }: HeapReport): PoolUse | undefined {
  if (big?.found !== undefined && (page.range === undefined || block?.data === block?.address))
    return { large: big.found, region };
  return block === undefined ? undefined : { heapBlock: block, region };
}
