import { DebuggerError, pageSize, type Va } from '../base/index.ts';
import type { VirtualMemory } from '../mmu/index.ts';
import type { CrashedSystem } from '../system/index.ts';
import { type PageFrame, readPageFrame } from '../windows/index.ts';
import { type AddressAnswer, explainAddress } from './explain-address.ts';
import { allPlaces, type Place } from './places.ts';
import { findPoolUse, type PoolUse } from './pool-use.ts';
import { walkThreadStackPlaces } from './thread-stack-places.ts';

/** What an address is. */
export interface AddressUse extends AddressAnswer {
  /** The page that it is in, as the page frame database has it; undefined where that is not in the dump. */
  readonly page: PageFrame | undefined;
  /** The block of pool that it is in; undefined where nothing proves one. */
  readonly pool: PoolUse | undefined;
}

/**
 * Everything that the dump tells about what an address is, the stacks of all threads included; yields how many threads, or
 * entries of the table of large allocations, it has looked at.
 */
export function* describeAddress(
  system: CrashedSystem,
  memory: VirtualMemory,
  va: Va,
): Generator<number, AddressUse> {
  const answer = explainAddress(system, memory, va);
  const pa = answer.translation?.pa;
  const page = pa === undefined ? undefined : pageFrameOf(system, Math.floor(pa / pageSize));
  if (answer.half !== 'kernel' || isNarrow(answer.places)) return { ...answer, page, pool: undefined };
  const pool = yield* findPoolUse(system, va);
  if (pool !== undefined) return { ...answer, page, pool };
  let count = 0;
  for (const stack of walkThreadStackPlaces(system)) {
    yield ++count;
    if (stack === undefined || va < stack.start || va >= stack.end) continue;
    return { ...answer, places: [stack, ...answer.places], page, pool };
  }
  return { ...answer, page, pool };
}

/** Something that cannot lie on a stack was found, or a stack. */
const isNarrow = (places: readonly Place[]): boolean =>
  places.some(({ kind }) => kind === 'module' || kind === 'stack' || kind === 'page-tables');

function pageFrameOf(system: CrashedSystem, pfn: number): PageFrame | undefined {
  try {
    return readPageFrame(system, pfn);
  } catch (error) {
    if (error instanceof DebuggerError) return undefined;
    throw error;
  }
}

/** All that the dump tells about the address space, in the order of addresses; yields how many threads it has looked at. */
export function* addressMap(system: CrashedSystem, memory: VirtualMemory): Generator<number, Place[]> {
  const places = allPlaces(system, memory);
  const known = new Set(places.filter(({ kind }) => kind === 'stack').map(({ start }) => start));
  let count = 0;
  for (const stack of walkThreadStackPlaces(system)) {
    yield ++count;
    if (stack !== undefined && !known.has(stack.start)) places.push(stack);
  }
  return places.sort(
    (a, b) =>
      Number(a.start > b.start) - Number(a.start < b.start) || Number(b.end > a.end) - Number(b.end < a.end),
  );
}
