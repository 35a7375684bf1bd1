import { type Va, wrap64 } from '../base/index.ts';
import { type Structure, walkSingleList } from '../types/index.ts';
import type { ObjectKernel } from '../windows/index.ts';
import type { DescriptorPlace } from './descriptor-places.ts';
import { poolFormat } from './format.ts';
import { type FreeList, walkFreeList } from './free-list.ts';
import { ListBudget } from './list-budget.ts';
import { type SingleList, singleList } from './single-list.ts';

/** A POOL_DESCRIPTOR: counters, and the lists of free blocks. */
export interface PoolDescriptor extends DescriptorCounters {
  readonly place: DescriptorPlace;
  readonly pendingFrees: PendingFrees | undefined;
  /** Those that have blocks or damage, or could not be followed. */
  readonly lists: readonly FreeList[];
  /** Members that cannot be read, one sentence each. */
  readonly missing: readonly string[];
}

/** Counters since the machine started, or at this moment; undefined where this build does not have one. */
export interface DescriptorCounters {
  /** POOL_TYPE. */
  readonly poolType: number | undefined;
  readonly poolIndex: number | undefined;
  readonly allocations: number | undefined;
  readonly frees: number | undefined;
  /** Pages of small blocks now. */
  readonly pages: bigint | undefined;
  /** Pages of large allocations now. */
  readonly bigPages: bigint | undefined;
  readonly bytes: bigint | undefined;
  /** Is its lock held? Undefined where the dump does not tell. */
  readonly isLocked: boolean | undefined;
}

/** Blocks that were freed and wait to be put on lists together. */
export interface PendingFrees extends SingleList {
  /** As the descriptor counts them. */
  readonly depth: number | undefined;
}

/** Reads a descriptor and follows all its lists. Yields the lists done. */
export function* readPoolDescriptor(
  kernel: ObjectKernel,
  place: DescriptorPlace,
  budget = new ListBudget(),
): Generator<number, PoolDescriptor> {
  const view = kernel.structures.at('_POOL_DESCRIPTOR', place.address);
  const format = poolFormat(kernel);
  const lists: FreeList[] = [];
  for (const { index, head } of listHeads(kernel, place)) {
    const list = yield* walkFreeList(kernel, format, index, head, budget);
    if (list.blocks.length > 0 || list.damage.length > 0 || list.cut !== undefined) lists.push(list);
    yield index;
  }
  const missing = ['PoolType', 'PendingFrees', 'ListHeads']
    .map((path) => view.why(path))
    .filter((why) => why !== undefined);
  return {
    place,
    ...readCounters(view),
    pendingFrees: readPendingFrees(kernel, place, budget),
    lists,
    missing,
  };
}

/** A descriptor's own counts, without a look at its lists. */
export const readPoolCounters = (
  { structures }: ObjectKernel,
  { address }: DescriptorPlace,
): DescriptorCounters => readCounters(structures.at('_POOL_DESCRIPTOR', address));

/** The heads of a descriptor's lists. */
export function* listHeads(
  { structures, target }: ObjectKernel,
  { address }: DescriptorPlace,
): Generator<{ readonly index: number; readonly head: Va }> {
  const heads = structures.find('_POOL_DESCRIPTOR')?.member('ListHeads');
  if (heads === undefined) return;
  for (let index = 0; index < heads.count; index++)
    yield { index, head: wrap64(address + BigInt(heads.offset + index * 2 * target.pointerSize)) };
}

/** Blocks whose freeing was put off; undefined where this build puts none off. */
export function readPendingFrees(
  kernel: ObjectKernel,
  { address }: DescriptorPlace,
  budget = new ListBudget(),
): PendingFrees | undefined {
  const view = kernel.structures.at('_POOL_DESCRIPTOR', address);
  const head = view.address('PendingFrees');
  if (head === undefined) return undefined;
  const { memory, pointerSize } = kernel.target;
  const list = singleList(kernel.target, poolFormat(kernel), budget, (limit) =>
    walkSingleList(memory, head, { pointerSize, limit }),
  );
  return { ...list, depth: view.number('PendingFreeDepth') };
}

/** Windows 10 1607 and later count what was given back apart. */
function readCounters(view: Structure): DescriptorCounters {
  const now = (total: string, taken: string, given: string): bigint | undefined => {
    const whole = view.bigint(total);
    if (whole !== undefined) return whole;
    const [allocated, freed] = [view.bigint(taken), view.bigint(given)];
    return allocated === undefined || freed === undefined ? undefined : BigInt.asIntN(64, allocated - freed);
  };
  return {
    poolType: view.number('PoolType'),
    poolIndex: view.number('PoolIndex'),
    allocations: unsigned(view.number('RunningAllocs')),
    frees: unsigned(view.number('RunningDeAllocs') ?? view.number('RunningDeallocs')),
    pages: now('TotalPages', 'PagesAllocated', 'PagesDeallocated'),
    bigPages: now('TotalBigPages', 'BigPagesAllocated', 'BigPagesDeallocated'),
    bytes: now('TotalBytes', 'BytesAllocated', 'BytesDeallocated'),
    isLocked: readLock(view),
  };
}

/** Counters are signed in newer types, and run over. */
const unsigned = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : value >>> 0;

/** NonPagedPool in POOL_TYPE; its lock is a spin lock, that of paged pool a mutex. Bit 0 of the type tells which. */
function readLock(view: Structure): boolean | undefined {
  const type = view.number('PoolType');
  if (type === undefined || (type & 1) !== 0) return undefined;
  return view.flag('NonPagedLock');
}
