import type { Va } from '../base/index.ts';
import type { MemoryRange } from '../mmu/index.ts';
import { systemRegions } from '../windows/index.ts';
import type { SearchedKernel } from './kernel-data.ts';
import { type PoolRange, type PoolRegionName, poolOfUsage, toldRanges } from './told-ranges.ts';

/** A pool that can be asked for. */
export type PoolName = 'nonpaged' | 'paged' | 'paged-session' | 'special';

/** Regions that hold such pool among other memory. */
const hints: Readonly<Partial<Record<PoolName, readonly string[]>>> = {
  'paged-session': ['SessionSpace', 'Session'],
  special: ['DynamicKernelVa'],
};

/**
 * Where the pools asked for are, without overlaps: by address the ranges that the dump tells and, for a pool that it does not
 * tell, regions that hold it among other memory; where it tells neither then all of the kernel's half that is nothing else.
 */
export function poolRanges(kernel: SearchedKernel, wanted: readonly PoolName[]): PoolRange[] {
  const told = toldRanges(kernel);
  const regions = systemRegions(kernel);
  const lacking = wanted.filter((pool) => !told.some(({ name, told: sure }) => sure && isOf(name, pool)));
  const isAsked = ({ name, told: sure }: PoolRange): boolean =>
    (sure ? wanted : lacking).some((pool) => isOf(name, pool));
  const hinted = lacking.flatMap((pool) =>
    regions
      .filter(({ usage }) => hints[pool]?.includes(usage) === true)
      .map(({ start, end, from }): PoolRange => ({ name: pool, start, end, from, told: false })),
  );
  const unplaced = lacking.filter((pool) => ![...hinted, ...told].some(({ name }) => isOf(name, pool)));
  const ranges = withoutOverlaps([...told.filter(isAsked), ...hinted]);
  if (unplaced.length === 0) return ranges;
  const others = [
    ...told,
    ...hinted,
    ...regions.filter(({ usage }) => poolOfUsage(usage) === undefined),
    ...kernel.modules.map(({ base, size }) => ({ start: base, end: base + BigInt(size) })),
  ];
  return [...ranges, ...restOf(kernelHalf(kernel), others).map(unknownRange)];
}

/** Expansion is a part of nonpaged pool. */
export const isOf = (name: PoolRegionName, pool: PoolName): boolean =>
  name === pool || (name === 'nonpaged-expansion' && pool === 'nonpaged');

/** All addresses of the kernel. */
const kernelHalf = ({ target }: SearchedKernel): MemoryRange => ({
  start: target.pointerSize === 8 ? 0xffff_8000_0000_0000n : 0xffff_ffff_8000_0000n,
  end: 1n << 64n,
});

/** A range of which nothing tells what it is. */
export const unknownRange = ({ start, end }: MemoryRange): PoolRange => ({
  name: 'unknown',
  start,
  end,
  from: 'what its pages hold',
  told: false,
});

const byStart = (a: MemoryRange, b: MemoryRange): number =>
  a.start < b.start ? -1 : a.start > b.start ? 1 : 0;

const pageMask = 0xfffn;
/** Some variables hold the last address of a pool, others the one behind it: one byte of a page is none of it. */
const roundUp = (va: Va): Va => ((va & pageMask) === 1n ? va - 1n : (va + pageMask) & ~pageMask);

/** Whole pages; where several ranges hold a page, it belongs to the narrowest. */
function withoutOverlaps(ranges: readonly PoolRange[]): PoolRange[] {
  const narrowFirst = [...ranges].sort((a, b) => Number(a.end - a.start - (b.end - b.start)));
  const done: PoolRange[] = [];
  for (const range of narrowFirst) {
    const whole = { start: range.start & ~pageMask, end: roundUp(range.end) };
    done.push(...restOf(whole, done).map(({ start, end }): PoolRange => ({ ...range, start, end })));
  }
  return done.sort(byStart);
}

/** What is left of a range when others are taken out of it; whole pages. */
export function restOf({ start, end }: MemoryRange, others: readonly MemoryRange[]): MemoryRange[] {
  const rest: MemoryRange[] = [];
  let at = start;
  for (const other of [...others].sort(byStart)) {
    if (other.end <= at || other.start >= end) continue;
    if (other.start > at) rest.push({ start: at, end: other.start & ~pageMask });
    at = roundUp(other.end);
  }
  if (at < end) rest.push({ start: at, end });
  return rest.filter((each) => each.end > each.start);
}
