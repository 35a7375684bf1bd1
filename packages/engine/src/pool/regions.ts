import { pageOf, type Va } from '../base/index.ts';
import { PagedMemory } from '../mmu/index.ts';
import { type ObjectKernel, systemRegions } from '../windows/index.ts';
import type { PoolBlock } from './page.ts';

export type PoolRegionName =
  | 'nonpaged'
  | 'nonpaged-expansion'
  | 'paged'
  | 'paged-session'
  | 'special'
  | 'unknown';

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

const byUsage: Readonly<Record<string, PoolRegionName>> = {
  NonPagedPool: 'nonpaged',
  SecureNonPagedPool: 'nonpaged',
  PagedPool: 'paged',
  SpecialPool: 'special',
  SpecialPoolPaged: 'special',
  SpecialPoolNonPaged: 'special',
};

/** By the ranges that the dump names, then by variables of nt with symbols, then by what the blocks themselves say. */
export function poolRegion(kernel: ObjectKernel, va: Va, blocks: readonly PoolBlock[] = []): PoolRegion {
  const found = byRanges(kernel, va) ?? bySymbols(kernel, va) ?? byBlocks(blocks);
  const name = found?.name ?? 'unknown';
  return { name, text: texts[name], from: found?.from, executable: isExecutable(kernel, va) };
}

interface Found {
  readonly name: PoolRegionName;
  readonly from: string;
}

/** The narrowest range that is a pool. */
function byRanges(kernel: ObjectKernel, va: Va): Found | undefined {
  const ranges = systemRegions(kernel)
    .filter(({ usage, start, end }) => va >= start && va < end && byUsage[usage] !== undefined)
    .sort((a, b) => (a.end - a.start < b.end - b.start ? -1 : 1));
  const [range] = ranges;
  return range === undefined ? undefined : { name: byUsage[range.usage]!, from: range.from };
}

/** Variables that hold the first address, and the last one or, with `count`, so many bytes. */
const variables: readonly (readonly [name: PoolRegionName, start: string, end: string])[] = [
  ['nonpaged', 'MmNonPagedPoolStart', 'MmNonPagedPoolEnd0'],
  ['nonpaged-expansion', 'MmNonPagedPoolExpansionStart', 'MmNonPagedPoolEnd'],
  ['nonpaged', 'MmNonPagedPoolStart', 'MmNonPagedPoolEnd'],
  ['paged', 'MmPagedPoolStart', 'MmPagedPoolEnd'],
  ['paged-session', 'MiSessionPoolStart', 'MiSessionPoolEnd'],
  ['special', 'MmSpecialPoolStart', 'MmSpecialPoolEnd'],
];

function bySymbols({ symbols, target }: ObjectKernel, va: Va): Found | undefined {
  const value = (name: string): Va | undefined => {
    const at = symbols.findAddress(`nt!${name}`);
    return at === undefined ? undefined : target.readPointer(at);
  };
  for (const [name, from, to] of variables) {
    const [start, end] = [value(from), value(to)];
    if (start === undefined || end === undefined || start === 0n) continue;
    if (va >= start && va <= end) return { name, from: `nt!${from} and nt!${to}` };
  }
  return undefined;
}

/** All blocks in use have to say the same. */
function byBlocks(blocks: readonly PoolBlock[]): Found | undefined {
  const told = blocks.filter(({ paged }) => paged !== undefined);
  const [first] = told;
  if (first === undefined) return undefined;
  const same = told.filter(({ paged, session }) => paged === first.paged && session === first.session).length;
  if (same !== told.length) return undefined;
  const from = same === 1 ? 'the type of its one block in use' : `the types of its ${same} blocks in use`;
  if (first.paged !== true) return { name: 'nonpaged', from };
  return { name: first.session ? 'paged-session' : 'paged', from };
}

function isExecutable({ target }: ObjectKernel, va: Va): boolean | undefined {
  const { memory } = target;
  if (!(memory instanceof PagedMemory)) return undefined;
  const { pa, executable } = memory.translate(pageOf(va));
  return pa === undefined ? undefined : executable;
}
