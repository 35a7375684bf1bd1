import { pageOf, type Va } from '../base/index.ts';
import { PagedMemory } from '../mmu/index.ts';
import type { ObjectKernel } from '../windows/index.ts';
import type { PoolBlock } from './page.ts';
import { type PoolRange, type PoolRegionName, toldRanges } from './told-ranges.ts';

/** Which pool an address is in. */
export interface PoolRegion {
  readonly name: PoolRegionName;
  /** As the debugger calls it: `Nonpaged pool`. */
  readonly text: string;
  /** How that is known, as half a sentence; undefined when it is not. */
  readonly from: string | undefined;
  /** May the processor run what is there? Nonpaged pool comes both ways from Windows 8 on. Undefined: not known. */
  readonly executable: boolean | undefined;
}

const texts: Readonly<Record<PoolRegionName, string>> = {
  nonpaged: 'Nonpaged pool',
  'nonpaged-expansion': 'Nonpaged pool expansion',
  paged: 'Paged pool',
  'paged-session': 'Paged session pool',
  special: 'Special pool',
  unknown: 'Unknown',
};

/** A pool as the debugger calls it. */
export const poolText = (name: PoolRegionName): string => texts[name];

/**
 * By the ranges that the dump names, then by what the blocks themselves say, then by ranges that hold other memory too.
 */
export function poolRegion(kernel: ObjectKernel, va: Va, blocks: readonly PoolBlock[] = []): PoolRegion {
  const ranges = toldRanges(kernel).filter(({ start, end }) => va >= start && va < end);
  const found = narrowest(ranges.filter(({ told }) => told)) ?? poolOfBlocks(blocks) ?? narrowest(ranges);
  const name = found?.name ?? 'unknown';
  return { name, text: texts[name], from: found?.from, executable: regionExecutable(kernel, va) };
}

interface Found {
  readonly name: PoolRegionName;
  readonly from: string;
}

const narrowest = (ranges: readonly PoolRange[]): PoolRange | undefined =>
  [...ranges].sort((a, b) => (a.end - a.start < b.end - b.start ? -1 : 1))[0];

/** Which pool blocks are in: all in use have to say the same. */
export function poolOfBlocks(blocks: readonly PoolBlock[]): Found | undefined {
  const told = blocks.filter(({ paged }) => paged !== undefined);
  const [first] = told;
  if (first === undefined) return undefined;
  const same = told.filter(({ paged, session }) => paged === first.paged && session === first.session).length;
  if (same !== told.length) return undefined;
  const from = same === 1 ? 'the type of its one block in use' : `the types of its ${same} blocks in use`;
  if (first.paged !== true) return { name: 'nonpaged', from };
  return { name: first.session ? 'paged-session' : 'paged', from };
}

/** May the processor run what is at an address? Undefined: not known. */
export function regionExecutable({ target }: ObjectKernel, va: Va): boolean | undefined {
  const { memory } = target;
  if (!(memory instanceof PagedMemory)) return undefined;
  const { pa, executable } = memory.translate(pageOf(va));
  return pa === undefined ? undefined : executable;
}
