import type { Pa, PagingLevel, Va } from '../base/index.ts';
import { allRights, intersect, noRights, type Rights, rightsOf } from './hardware-entry.ts';
import type { TranslationState, Walker } from './walker.ts';

/** One entry that a translation met. */
export interface TableEntry {
  readonly level: PagingLevel;
  /** Where the entry is in physical memory. */
  readonly address: Pa;
  /** Its contents, or undefined when its table is not in the dump. */
  readonly value: bigint | undefined;
}

/** Everything that the tables say about one address. */
export interface Translation extends Rights {
  /** Root first; ends with the entry that decided. */
  readonly entries: readonly TableEntry[];
  /** Physical address of the byte; its page may still be missing from the dump. */
  readonly pa?: Pa;
  /** 0x1000, 0x200000, 0x400000 or 0x40000000. */
  readonly pageSize: number;
  readonly state: TranslationState;
  /** The place in a page file, as the entry holds it: under an unknown invalid-PTE mask the offset may carry its bit. */
  readonly pageFile?: { readonly number: number; readonly offset: bigint };
  /** Address of the prototype PTE that the entry names. */
  readonly prototype?: Va;
}

/** The result of the last walk, which was for `va`. */
export function describeWalk(walker: Walker, isKernel: boolean): Translation {
  const { software, prototype } = walker;
  return {
    entries: entriesOf(walker),
    ...(walker.pa < 0 ? undefined : { pa: walker.pa }),
    pageSize: walker.pageSize,
    state: walker.state,
    ...(software?.pageFile && { pageFile: software.pageFile }),
    ...(prototype !== undefined && { prototype }),
    ...(walker.pa < 0 ? noRights : rightsOfWalk(walker, isKernel)),
  };
}

function entriesOf(walker: Walker): TableEntry[] {
  const { scheme, depth, addresses } = walker;
  const isLastMissing = walker.state === 'table-not-in-dump';
  return scheme.levels.slice(0, depth).map(({ name }, at) => {
    const isMissing = isLastMissing && at === depth - 1;
    return { level: name, address: addresses[at]!, value: isMissing ? undefined : entryAt(walker, at) };
  });
}

/** Contents of the entry met at depth `at`. */
export const entryAt = (walker: Walker, at: number): bigint =>
  (BigInt(walker.highs[at]!) << 32n) | BigInt(walker.lows[at]!);

/** Every valid level restricts; an entry that is not valid has Windows' protection, and users only see the lower half. */
function rightsOfWalk(walker: Walker, isKernel: boolean): Rights {
  let rights = walker.software?.rights ?? allRights;
  if (walker.software !== undefined && isKernel) rights = { ...rights, user: false };
  for (let at = 0; at < walker.depth; at++) {
    if ((walker.lows[at]! & 1) === 0) continue;
    const level = walker.scheme.levels[at]!;
    rights = intersect(rights, rightsOf(walker.scheme, level, walker.lows[at]!, walker.highs[at]!, isKernel));
  }
  return rights;
}
