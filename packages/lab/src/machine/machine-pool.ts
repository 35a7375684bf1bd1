import type { Va } from '@poolscope/engine/base';
import { KernelPool, poolGeneration, type RegionSpan } from '../pool/index.ts';
import type { BootedKernel } from './kernel-boot.ts';
import type { StructureTable } from './structure-table.ts';

/** Where the pools begin, behind what the machine's own structures take of the same regions; pages of each. */
const offsets = {
  x64: { nonPaged: 0x0400_0000n, nonPagedNx: 0x0800_0000n, paged: 0x1000_0000n },
  x86: { nonPaged: 0x0200_0000n, nonPagedNx: 0x0300_0000n, paged: 0x0400_0000n },
} as const;
const poolPages = 0x400;

/** Pools that are not where they usually are. */
export type PoolSpans = Readonly<Partial<Record<'nonPaged' | 'nonPagedNx', RegionSpan>>>;

/** Boots the pools of a kernel that keeps classic pool. `processors` are KPRCBs. */
export function bootPool(
  { platform, loaded, system }: Pick<BootedKernel, 'platform' | 'loaded' | 'system'>,
  tables: StructureTable,
  processors: readonly Va[],
  spans: PoolSpans = {},
): KernelPool {
  const { profile, architecture } = platform;
  const { nonPagedPool, pagedPool } = profile.addresses;
  const kind = architecture === 'x86' ? 'x86' : 'x64';
  const generation = poolGeneration(kind, profile.build);
  const at = offsets[kind];
  const span = (start: Va): RegionSpan => ({ start, pages: poolPages });
  return new KernelPool({
    generation,
    space: system,
    tables,
    variables: loaded,
    processors,
    regions: {
      nonPaged: spans.nonPaged ?? span(nonPagedPool + at.nonPaged),
      ...(generation.hasNx ? { nonPagedNx: spans.nonPagedNx ?? span(nonPagedPool + at.nonPagedNx) } : {}),
      paged: span(pagedPool + at.paged),
    },
  });
}
