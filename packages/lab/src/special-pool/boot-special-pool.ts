import { u32Bytes } from '../bytes/integers.ts';
import type { BootedKernel } from '../machine/kernel-boot.ts';
import { poolRanges } from '../machine/pool-variables.ts';
import type { StructureTable } from '../machine/structure-table.ts';
import type { SpecialPoolValues } from './choice.ts';
import { HeapSpecialPages, type SpecialRanges } from './heap-special-pages.ts';
import { SpecialPool, type SpecialPoolOptions } from './special-pool.ts';
import { bitMapBytes, SpecialRegion, type SpecialRegionOptions } from './special-region.ts';

export type BootOptions = Pick<SpecialPoolOptions, 'values' | 'ticks' | 'maxNonPagedPages'> &
  Pick<SpecialRegionOptions, 'firstSlice'>;

const rootSpan = 1n << 39n;
/** nt!MmSpecialPoolTag of a system where nothing is chosen. */
const nothingChosen = 0xffff_ffff;

/** Special pool of a kernel of x64; with a segment heap its pages are `ranges` of that. */
export function bootSpecialPool(
  kernel: BootedKernel,
  tables: StructureTable,
  options: BootOptions,
  ranges?: SpecialRanges,
): SpecialPool {
  writeChoice(kernel, options.values);
  const { firstSlice, ...others } = options;
  const pages =
    ranges === undefined ? classicPages(kernel, tables, firstSlice) : new HeapSpecialPages(ranges);
  return new SpecialPool({ ...others, space: kernel.system, pages });
}

/** What the registry chose is in variables of nt. */
function writeChoice({ loaded, system }: BootedKernel, values: SpecialPoolValues = {}): void {
  const { poolTag = nothingChosen, poolTagOverruns = true } = values;
  system.write(loaded.address('nt!MmSpecialPoolTag'), u32Bytes(poolTag));
  const overruns = loaded.symbols.get('nt!MmSpecialPoolCatchOverruns');
  if (overruns !== undefined) system.write(overruns, u32Bytes(poolTagOverruns ? 1 : 0));
}

function classicPages(
  { world, loaded, system }: BootedKernel,
  tables: StructureTable,
  firstSlice: number | undefined,
): SpecialRegion {
  const { pagedPool } = world.profile.addresses;
  // Where no address is known, an entry of the root table of its own, as newer kernels give each kind of memory.
  const start = (pagedPool / rootSpan + 1n) * rootSpan;
  const range = poolRanges(world.profile).special ?? { start, end: start + 0x20_0000_0000n };
  const hasBitMap = tables.offset('_MI_SPECIAL_POOL', 'SpecialPoolPdes') !== undefined;
  return new SpecialRegion({
    ...range,
    space: system,
    tables,
    state: loaded.address('nt!MiSpecialPool'),
    bitMap: hasBitMap ? world.nonPagedPool.allocate(bitMapBytes, 0x1000) : undefined,
    ...(firstSlice === undefined ? {} : { firstSlice }),
  });
}
