import type { Va } from '../base/index.ts';
import {
  type BigAllocation,
  describePool,
  judgePage,
  type PoolBlock,
  type PoolRegion,
  poolFormat,
  type SpecialBlock,
} from '../pool/index.ts';
import type { CrashedSystem } from '../system/index.ts';

/** What of the pool an address is in; one of the three. */
export interface PoolUse {
  readonly block?: PoolBlock;
  readonly large?: BigAllocation;
  readonly special?: SpecialBlock;
  /** Which pool; of special pool its own block tells. */
  readonly region?: PoolRegion;
}

/**
 * The block that holds an address, where its page is pool without a doubt; undefined elsewhere, and on the segment heap, where
 * nothing confirms a header. Yields how many entries of the table of large allocations were looked at.
 */
export function* findPoolUse(system: CrashedSystem, va: Va): Generator<number, PoolUse | undefined> {
  const report = yield* describePool(system, va);
  if (report.kind === 'special') {
    const { special } = report;
    return special.trust === 'proven' && special.block !== undefined ? { special: special.block } : undefined;
  }
  if (report.kind !== 'classic') return undefined;
  const { page, block, big, region } = report;
  if (big?.found !== undefined) return { large: big.found, region };
  const noBig = big !== undefined && big.unknown === undefined;
  const isPool = judgePage(page, poolFormat(system), { told: false, noBig }) !== 'other';
  return isPool && block !== undefined ? { block, region } : undefined;
}
