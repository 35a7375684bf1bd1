import { Fault, pageSize, type Va, wrap64 } from '../base/index.ts';
import { type Sourced, sourced } from '../windows/index.ts';
import { alignedPointers, kernelData, type SearchedKernel, sizesNear } from './kernel-data.ts';
import { countIn, isPlaced, type Placed, pointedBy, variableOf } from './placed.ts';
import type { TrackerEntries } from './tracker-entry.ts';

/** One table of counters by tag: of all processors, or of one. */
export interface TrackerTable {
  readonly start: Va;
  /** Entries, unused ones included. */
  readonly count: number;
  /** `nt!PoolTrackTable`, `nt!ExPoolTagTables[1]`. */
  readonly name: string;
}

export interface TrackerTables {
  readonly tables: readonly TrackerTable[];
  /** What is not counted in and why, one sentence each without a full stop. */
  readonly missing: readonly string[];
}

/** Most tags that a table can have. */
const mostEntries = 1 << 20;
const fewestEntries = 0x40;
/** Processors that Windows runs on at most. */
const mostProcessors = 2048;
/** How the size of a table is known that the dump has the beginning of. */
const byPresence = 'as far as it is in this dump';
const pagesPerSign = 16;
const sampleBytes = pageSize;

/** Finds the tables of the pools that all share: nt!PoolTrackTable, those of the processors, and what did not fit in. */
export function* findTrackerTables(
  kernel: SearchedKernel,
  entries: TrackerEntries,
): Generator<number, Placed<TrackerTables>> {
  const start = pointedBy(kernel, 'PoolTrackTable', 'PoolTrackTable');
  if (!isPlaced(start)) return start;
  const count = yield* sizeOf(kernel, entries, start.value);
  if (!isPlaced(count)) return count;
  const main = { start: start.value, count: count.value, name: 'nt!PoolTrackTable' };
  const others = yield* processorTables(kernel, entries, main);
  const more = expansionTable(kernel);
  const tables = [main, ...others.tables, ...(isPlaced(more) ? [more.value] : [])];
  const rest = count.from === byPresence ? ['what follows of nt!PoolTrackTable is not in this dump'] : [];
  const from = start.from === count.from ? start.from : `${start.from}; its size: ${count.from}`;
  return sourced({ tables, missing: [...rest, ...others.missing] }, from);
}

/** The table of the session that the current process is in. */
export function findSessionTracker(kernel: SearchedKernel): Placed<TrackerTables> {
  const start = pointedBy(kernel, 'ExpSessionPoolTrackTable');
  if (!isPlaced(start)) return start;
  const count = countIn(kernel, 'ExpSessionPoolTrackTableSize');
  if (!isPlaced(count)) return count;
  if (count.value > mostEntries)
    return `nt!ExpSessionPoolTrackTableSize is ${count.value}, which is too many`;
  const table = { start: start.value, count: count.value, name: 'nt!ExpSessionPoolTrackTable' };
  return sourced({ tables: [table], missing: [] }, start.from);
}

/**
 * By symbols; else up to the entry that is the last one of a table, or as far as entries make sense, and of the numbers next
 * to the variable the largest that allows.
 */
function* sizeOf(
  kernel: SearchedKernel,
  entries: TrackerEntries,
  start: Va,
): Generator<number, Placed<number>> {
  if (kernel.symbols.findAddress('nt!PoolTrackTableSize') !== undefined) {
    const count = countIn(kernel, 'PoolTrackTableSize');
    if (!isPlaced(count) || count.value <= mostEntries) return count;
    return `nt!PoolTrackTableSize is ${count.value}, which is too many`;
  }
  const variable = variableOf(kernel, 'PoolTrackTable', 'PoolTrackTable');
  const near = variable === undefined ? [] : sizesNear(kernel, variable.value, fewestEntries, mostEntries);
  const good = yield* plausibleEntries(kernel, entries, start, near[0] ?? mostEntries);
  if (good === 0) return 'what nt!PoolTrackTable points to is not in this dump';
  const last = present(kernel, wrap64(start + BigInt((good - 1) * entries.size)), entries.size);
  if (last.length === entries.size && entries.isOverflow(last, 0)) return sourced(good, 'by its last entry');
  const next = present(kernel, wrap64(start + BigInt(good * entries.size)), entries.size);
  const from = next.length < entries.size ? byPresence : 'as far as its entries make sense';
  const size = near.find((each) => each <= good);
  return size === undefined ? sourced(good, from) : sourced(size, `${from}, and a variable next to it`);
}

function* plausibleEntries(
  kernel: SearchedKernel,
  entries: TrackerEntries,
  start: Va,
  most: number,
): Generator<number, number> {
  const perStep = Math.floor((16 * pageSize) / entries.size);
  let good = 0;
  while (good < most) {
    const bytes = present(kernel, wrap64(start + BigInt(good * entries.size)), perStep * entries.size);
    const count = Math.floor(bytes.length / entries.size);
    let index = 0;
    for (; index < count && entries.isPlausible(bytes, index); index++)
      if (entries.isOverflow(bytes, index)) return Math.min(good + index + 1, most);
    good += index;
    if (index < perStep) break;
    yield good;
  }
  return Math.min(good, most);
}

function present({ target }: SearchedKernel, va: Va, length: number): Uint8Array {
  const read = target.memory.tryRead(va, length);
  return read instanceof Fault ? read.got : read;
}

/** From Vista on each processor counts for itself: nt!ExPoolTagTables has a pointer for each. */
function* processorTables(
  kernel: SearchedKernel,
  entries: TrackerEntries,
  main: TrackerTable,
): Generator<number, TrackerTables> {
  const { target, structures } = kernel;
  const processors = Math.min(target.dump.header.processors ?? kernel.processors.length, mostProcessors);
  const isPerProcessor = structures.find('_GENERAL_LOOKASIDE_POOL') !== undefined;
  const array = kernel.symbols.findAddress('nt!ExPoolTagTables');
  const at = array ?? (isPerProcessor ? yield* searchArray(kernel, entries, main, processors) : undefined);
  if (at === undefined) {
    const lost = 'the tables of the other processors are not known without symbols, and are not counted in';
    return { tables: [], missing: isPerProcessor && processors > 1 ? [lost] : [] };
  }
  const tables: TrackerTable[] = [];
  const missing: string[] = [];
  for (let index = 0; index < processors; index++) {
    const start = target.readPointer(wrap64(at + BigInt(index * target.pointerSize)));
    const name = `nt!ExPoolTagTables[${index}]`;
    if (start === undefined) missing.push(`${name} is not in this dump`);
    else if (start !== 0n && start !== main.start && !tables.some((table) => table.start === start)) {
      // Without a size that is known, each table ends where its own entries do.
      const own =
        array === undefined ? yield* plausibleEntries(kernel, entries, start, main.count) : main.count;
      tables.push({ start, count: own === 0 ? main.count : own, name });
    }
  }
  return { tables, missing };
}

/** The array begins with the table that nt!PoolTrackTable points to; the others have the same form. */
function* searchArray(
  kernel: SearchedKernel,
  entries: TrackerEntries,
  main: TrackerTable,
  processors: number,
): Generator<number, Va | undefined> {
  if (processors < 2) return undefined;
  const variable = variableOf(kernel, 'PoolTrackTable', 'PoolTrackTable')?.value;
  let pages = 0;
  for (const page of kernelData(kernel)) {
    for (const { offset, to } of alignedPointers(page, kernel.target.pointerSize)) {
      const at = wrap64(page.at + BigInt(offset));
      if (to === main.start && at !== variable && isArray(kernel, entries, at, processors)) return at;
    }
    if (++pages % pagesPerSign === 0) yield pages;
  }
  return undefined;
}

function isArray(kernel: SearchedKernel, entries: TrackerEntries, at: Va, processors: number): boolean {
  const { target } = kernel;
  for (let index = 1; index < processors; index++) {
    const start = target.readPointer(wrap64(at + BigInt(index * target.pointerSize)));
    if (start === undefined || start >> 63n === 0n || start % BigInt(pageSize) !== 0n) return false;
    const bytes = present(kernel, start, sampleBytes);
    const count = Math.floor(bytes.length / entries.size);
    for (let each = 0; each < count; each++) if (!entries.isPlausible(bytes, each)) return false;
  }
  return true;
}

/** Tags that found no place in the table. */
function expansionTable(kernel: SearchedKernel): Placed<TrackerTable> {
  const start = pointedBy(kernel, 'PoolTrackTableExpansion');
  if (!isPlaced(start)) return start;
  const count: Placed<number> = countIn(kernel, 'PoolTrackTableExpansionSize');
  if (!isPlaced(count)) return count;
  const table = {
    start: start.value,
    count: Math.min(count.value, mostEntries),
    name: 'nt!PoolTrackTableExpansion',
  };
  return sourced(table, start.from) satisfies Sourced<TrackerTable>;
}
