import { u32Bytes } from '../bytes/integers.ts';
import type { BootedKernel } from '../machine/kernel-boot.ts';
import { poolRanges } from '../machine/pool-variables.ts';
import type { StructureTable } from '../machine/structure-table.ts';
import { SpecialPool, type SpecialPoolOptions } from './special-pool.ts';
import { bitMapBytes } from './special-region.ts';

export type BootOptions = Pick<SpecialPoolOptions, 'values' | 'ticks' | 'firstSlice' | 'maxNonPagedPages'>;

const rootSpan = 1n << 39n;
/** nt!MmSpecialPoolTag of a system where nothing is chosen. */
const nothingChosen = 0xffff_ffff;

/** Special pool of a kernel of x64 that keeps classic pool. */
export function bootSpecialPool(
  { world, loaded, system }: BootedKernel,
  tables: StructureTable,
  options: BootOptions,
): SpecialPool {
  const { pagedPool } = world.profile.addresses;
  // Where no address is known, an entry of the root table of its own, as newer kernels give each kind of memory.
  const start = (pagedPool / rootSpan + 1n) * rootSpan;
  const range = poolRanges(world.profile).special ?? { start, end: start + 0x20_0000_0000n };
  const hasBitMap = tables.offset('_MI_SPECIAL_POOL', 'SpecialPoolPdes') !== undefined;
  const { poolTag = nothingChosen, poolTagOverruns = true } = options.values ?? {};
  system.write(loaded.address('nt!MmSpecialPoolTag'), u32Bytes(poolTag));
  const overruns = loaded.symbols.get('nt!MmSpecialPoolCatchOverruns');
  if (overruns !== undefined) system.write(overruns, u32Bytes(poolTagOverruns ? 1 : 0));
  return new SpecialPool({
    ...options,
    ...range,
    space: system,
    tables,
    state: loaded.address('nt!MiSpecialPool'),
    bitMap: hasBitMap ? world.nonPagedPool.allocate(bitMapBytes, 0x1000) : undefined,
  });
}
