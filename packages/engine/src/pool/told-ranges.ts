import type { Va } from '../base/index.ts';
import type { MemoryRange } from '../mmu/index.ts';
import { type ObjectKernel, regionEnd, type SystemRegion, systemRegions } from '../windows/index.ts';

/** A region of pool, as it is told apart by address. */
export type PoolRegionName =
  | 'nonpaged'
  | 'nonpaged-expansion'
  | 'paged'
  | 'paged-session'
  | 'special'
  | 'unknown';

/** A range of addresses that holds pool. */
export interface PoolRange extends MemoryRange {
  /** `unknown`: what pool its pages belong to they have to say themselves. */
  readonly name: PoolRegionName;
  /** How that is known, as half a sentence. */
  readonly from: string;
  /** Does the dump tell that pool is there, and nothing else? Otherwise each page has to show that it is pool. */
  readonly told: boolean;
}

const byUsage: Readonly<Record<string, PoolRegionName>> = {
  NonPagedPool: 'nonpaged',
  SecureNonPagedPool: 'nonpaged',
  PagedPool: 'paged',
  SpecialPool: 'special',
  SpecialPoolPaged: 'special',
  SpecialPoolNonPaged: 'special',
};

/** Which pool a region is of, by Microsoft's name of its use. */
export const poolOfUsage = (usage: string): PoolRegionName | undefined => byUsage[usage];

/** Pools as the dump tells them: by the regions that it names, and by variables of nt with symbols. They may overlap. */
export function toldRanges(kernel: ObjectKernel): PoolRange[] {
  const regions = systemRegions(kernel).flatMap((region): PoolRange[] => {
    const { usage, start, end, from } = region;
    const name = byUsage[usage];
    return name === undefined ? [] : [{ name, start, end, from, told: !isWide(kernel, region) }];
  });
  return [...regions, ...bySymbols(kernel)];
}

/**
 * On x86 before Vista nonpaged pool had two parts, and the variables name the start of the first and the end of the second:
 * between them is much else. That is seen when the range is longer than the pool may be.
 */
function isWide({ data, target }: ObjectKernel, { start, end, usage }: SystemRegion): boolean {
  if (target.pointerSize === 8 || usage !== 'NonPagedPool') return false;
  const variable = data?.value.address('MmMaximumNonPagedPoolInBytes');
  const most = variable === undefined ? undefined : target.readPointer(variable);
  return most === undefined || end - start > BigInt.asUintN(32, most);
}

/** Variables that hold the first address and the last one. */
const variables: readonly (readonly [name: PoolRegionName, start: string, end: string])[] = [
  ['nonpaged', 'MmNonPagedPoolStart', 'MmNonPagedPoolEnd0'],
  ['nonpaged-expansion', 'MmNonPagedPoolExpansionStart', 'MmNonPagedPoolEnd'],
  ['nonpaged', 'MmNonPagedPoolStart', 'MmNonPagedPoolEnd'],
  ['paged', 'MmPagedPoolStart', 'MmPagedPoolEnd'],
  ['paged-session', 'MiSessionPoolStart', 'MiSessionPoolEnd'],
  ['special', 'MmSpecialPoolStart', 'MmSpecialPoolEnd'],
];

function bySymbols(kernel: ObjectKernel): PoolRange[] {
  const { symbols, target } = kernel;
  const value = (name: string): Va | undefined => {
    const at = symbols.findAddress(`nt!${name}`);
    return at === undefined ? undefined : target.readPointer(at);
  };
  const found: PoolRange[] = [];
  for (const [name, from, to] of variables) {
    const [start, last] = [value(from), value(to)];
    if (start === undefined || last === undefined || start === 0n || last < start) continue;
    // Where both parts of nonpaged pool are named, what is between them is none.
    if (found.some((range) => range.name === name)) continue;
    const region = { usage: 'NonPagedPool', start, end: regionEnd(last), from: `nt!${from} and nt!${to}` };
    const isWhole = name !== 'nonpaged' || to === 'MmNonPagedPoolEnd0' || !isWide(kernel, region);
    found.push({ name, start, end: region.end, from: region.from, told: isWhole });
  }
  return found;
}
