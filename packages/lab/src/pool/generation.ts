import { DebuggerError } from '@poolscope/engine/base';

/** Rules of the pool that differ between builds. Layouts are not here: they come from the structure tables. */
export interface PoolGeneration {
  readonly architecture: 'x64' | 'x86';
  readonly build: number;
  readonly pointerSize: 4 | 8;
  /** Granularity of blocks in bytes, and the size of a POOL_HEADER. */
  readonly unit: 8 | 16;
  /** Nonpaged pool that cannot be executed exists beside the other. */
  readonly hasNx: boolean;
  /** ProcessBilled is exclusive-or'ed with a cookie and the address of its header. */
  readonly encodesProcess: boolean;
  /** How a list whose links disagree is reported: BAD_POOL_HEADER or the fast fail of list entries. */
  readonly corruptList: 0x19 | 0x139;
  /** Links are checked before an entry is put in, not only before one is taken out. */
  readonly checksInsertion: boolean;
  /** A PoolIndex beyond the paged pools is noticed, not used. */
  readonly checksPoolIndex: boolean;
  /** A process that is charged is looked at before it is followed. */
  readonly checksProcess: boolean;
  /** Second parameter of bug check 0xC2/7, a number of the allocator's own. */
  readonly doubleFreeId: number;
}

const page = 0x1000;

/** First build of Windows 8: NX pool, encoded processes, checks on both list operations. */
const windows8 = 9200;
/** Blocks of 19H1 are managed by the segment heap. */
const segmentHeap = 18362;

/**
 * Second parameter of 0xC2/7 by build. Source: public dumps; 9200 is the article's. A build between takes the one before.
 */
const doubleFreeIds: readonly (readonly [build: number, id: number])[] = [
  [7601, 0x109b],
  [9200, 0x11c1],
  [9600, 0x1200],
  [10240, 0x1205],
];

/** Rules of a build: Windows 7 SP1 up to the last Windows 10 with classic pool. */
export function poolGeneration(architecture: 'x64' | 'x86', build: number): PoolGeneration {
  if (build < 7600 || build >= segmentHeap)
    throw new DebuggerError(
      'LAB_OPTIONS',
      `classic pool is simulated for builds 7600 to 17763, not ${build}`,
    );
  const isNewer = build >= windows8;
  return {
    architecture,
    build,
    pointerSize: architecture === 'x64' ? 8 : 4,
    unit: architecture === 'x64' ? 16 : 8,
    hasNx: isNewer,
    encodesProcess: isNewer && architecture === 'x64',
    corruptList: isNewer ? 0x139 : 0x19,
    checksInsertion: isNewer,
    checksPoolIndex: isNewer,
    checksProcess: isNewer,
    doubleFreeId: doubleFreeIds.findLast(([from]) => build >= from)?.[1] ?? doubleFreeIds[0]![1],
  };
}

/** Largest request that gets a block with a header: what a page holds beside a header and two links. */
export const largestSmallRequest = ({ unit, pointerSize }: PoolGeneration): number =>
  page - unit - 2 * pointerSize;
