import type { Va } from '@poolscope/engine/base';
import type { MachinePool } from '../pool/index.ts';
import { toKernelAddress } from '../pool/kernel-address.ts';
import { HeapPool, type HeapRegions } from '../segment-heap/index.ts';
import type { SpecialRanges } from '../special-pool/index.ts';
import type { BootedKernel } from './kernel-boot.ts';
import { randomNumbers } from './pool-story.ts';
import { allocatePcr } from './processors.ts';
import type { KernelProfile } from './profiles/profile.ts';
import { StructureTable } from './structure-table.ts';

/** A pool that was started, and the KPCRs that it needed. */
export interface PoolStart {
  readonly pcrs: readonly Va[];
  readonly pool: MachinePool;
  /** Where special pool takes its pages from; classic pool has a region of its own for it. */
  readonly ranges?: SpecialRanges;
}

/** Boots the segment heaps of a kernel that has them: what is made from here on can live in them. */
export function startHeapPool(
  { platform, world, loaded, system }: BootedKernel,
  processors = 2,
  seed = 0,
): PoolStart {
  const { profile } = platform;
  const pcrs = Array.from({ length: processors }, () => allocatePcr(world));
  const prcb = BigInt(profile.pcr.members.Prcb[0]);
  const random = randomNumbers(0x6865_6170 + profile.build + seed * 0x1_0001);
  const word = (): bigint => (BigInt(random(0x1_0000_0000)) << 32n) | BigInt(random(0x1_0000_0000));
  const pool = new HeapPool({
    build: profile.build,
    space: system,
    tables: new StructureTable(platform.architecture, profile.build),
    variables: loaded,
    processors: pcrs.map((pcr) => pcr + prcb),
    regions: heapRegions(profile),
    keys: { heapKey: word(), lfhKey: word(), quotaCookie: word(), random },
  });
  world.pool = pool;
  return { pcrs, pool, ranges: pool.special };
}

/** Behind what the machine's own structures take of the two regions, 4 GB apart. */
function heapRegions({ addresses: { nonPagedPool, pagedPool } }: KernelProfile): HeapRegions {
  const nonPaged = (index: bigint) => toKernelAddress(nonPagedPool + ((1n + 2n * index) << 32n));
  const paged = (index: bigint) => toKernelAddress(pagedPool + ((1n + 2n * index) << 32n));
  return {
    heaps: [nonPaged(0n), nonPaged(1n), paged(0n), paged(1n)],
    special: [nonPaged(2n), nonPaged(3n), paged(2n), paged(3n)],
    tracker: nonPaged(4n),
  };
}
