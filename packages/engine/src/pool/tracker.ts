import { Fault, wrap64 } from '../base/index.ts';
import { sourced } from '../windows/index.ts';
import { tagText } from './header.ts';
import type { SearchedKernel } from './kernel-data.ts';
import { isPlaced, type Placed } from './placed.ts';
import { type RawCounters, TrackerEntries } from './tracker-entry.ts';
import { findSessionTracker, findTrackerTables, type TrackerTable } from './tracker-tables.ts';
import { fitsTag, type TagPattern } from './walk/tag-pattern.ts';

/** What a tag has of one kind of pool, over all processors. */
export interface TagUse {
  readonly allocations: bigint;
  readonly frees: bigint;
  /** Allocations that were not freed; negative where counters are missing. */
  readonly outstanding: bigint;
  readonly bytes: bigint;
}

/** What the kernel counted for a tag. */
export interface TrackedTag {
  /** Four characters, without the protection bit. */
  readonly tag: string;
  readonly tagValue: number;
  readonly nonPaged: TagUse;
  readonly paged: TagUse;
}

/** The kernel's own account of its pools by tag. */
export interface PoolTracker {
  /** By the first character of the tag, then the second, and so on. */
  readonly tags: readonly TrackedTag[];
  readonly tables: readonly TrackerTable[];
  readonly from: string;
  /** What is not counted in and why, one sentence each without a full stop. */
  readonly missing: readonly string[];
}

/** Which counts are wanted. */
export interface TrackerOptions {
  /** That of the current process's session. */
  readonly session?: boolean;
}

const chunkBytes = 0x1_0000;
/** Tags that are kept at most; machines have some thousand. */
const mostTags = 1 << 17;
/** Entries of all tables together: those of a machine with hundreds of processors. */
const mostEntries = 1 << 23;

/** Reads the account; half a sentence where there is none to read. Yields the entries done. */
export function* readPoolTracker(
  kernel: SearchedKernel,
  { session = false }: TrackerOptions = {},
): Generator<number, Placed<PoolTracker>> {
  const type = kernel.structures.find('_POOL_TRACKER_TABLE');
  const entries = type === undefined ? undefined : TrackerEntries.of(type);
  if (entries === undefined) return 'the layout of POOL_TRACKER_TABLE is not known';
  const found = session ? findSessionTracker(kernel) : yield* findTrackerTables(kernel, entries);
  if (!isPlaced(found)) return found;
  const sums = new Map<number, Sums>();
  const missing = [...found.value.missing];
  let looked = 0;
  for (const table of found.value.tables) {
    looked += table.count;
    if (looked > mostEntries) {
      missing.push(
        `${table.name} and what follows it is left out: the tables have too many entries to be whole`,
      );
      break;
    }
    const lost = yield* addTable(kernel, entries, table, sums);
    if (lost === table.count) missing.push(`${table.name} is not in this dump`);
    else if (lost > 0)
      missing.push(`${lost} of the ${table.count} entries of ${table.name} are not in this dump`);
  }
  if (sums.size >= mostTags) missing.push(`only the first ${mostTags} tags are counted in`);
  const tags = [...sums.values()].map((each) => finish(each, entries));
  return sourced(
    { tags: tags.sort(byTag), tables: found.value.tables, from: found.from, missing },
    found.from,
  );
}

interface Sums {
  readonly tagValue: number;
  nonPaged: RawCounters;
  paged: RawCounters;
}

/** Adds the entries of a table; returns how many are not in the dump. */
function* addTable(
  { target }: SearchedKernel,
  entries: TrackerEntries,
  { start, count }: TrackerTable,
  sums: Map<number, Sums>,
): Generator<number, number> {
  const perChunk = Math.floor(chunkBytes / entries.size);
  let missing = 0;
  for (let done = 0; done < count; done += perChunk) {
    const wanted = Math.min(perChunk, count - done);
    const read = target.memory.tryRead(wrap64(start + BigInt(done * entries.size)), wanted * entries.size);
    const bytes = read instanceof Fault ? read.got : read;
    const present = Math.floor(bytes.length / entries.size);
    missing += wanted - present;
    for (let index = 0; index < present; index++) addEntry(entries, bytes, index, sums);
    yield done + wanted;
  }
  return missing;
}

function addEntry(entries: TrackerEntries, bytes: Uint8Array, index: number, sums: Map<number, Sums>): void {
  const tagValue = entries.tag(bytes, index);
  if (tagValue === 0) return;
  if (sums.size >= mostTags && !sums.has(tagValue)) return;
  const nonPaged = entries.counters(bytes, index, 'NonPaged');
  const paged = entries.counters(bytes, index, 'Paged');
  const sum = sums.get(tagValue);
  if (sum === undefined) sums.set(tagValue, { tagValue, nonPaged, paged });
  else {
    sum.nonPaged = add(sum.nonPaged, nonPaged);
    sum.paged = add(sum.paged, paged);
  }
}

const add = (a: RawCounters, b: RawCounters): RawCounters => ({
  allocations: a.allocations + b.allocations,
  frees: a.frees + b.frees,
  bytes: a.bytes + b.bytes,
});

/** What one processor allocates another may free: single counters run over, and only sums mean something. */
function finish({ tagValue, nonPaged, paged }: Sums, { widths }: TrackerEntries): TrackedTag {
  const use = ({ allocations, frees, bytes }: RawCounters): TagUse => ({
    allocations: BigInt.asUintN(widths.allocations, allocations),
    frees: BigInt.asUintN(widths.allocations, frees),
    outstanding: BigInt.asIntN(widths.allocations, allocations - frees),
    bytes: BigInt.asUintN(widths.bytes, bytes),
  });
  return { tag: tagText(tagValue), tagValue, nonPaged: use(nonPaged), paged: use(paged) };
}

const byTag = (a: TrackedTag, b: TrackedTag): number => (a.tag < b.tag ? -1 : a.tag > b.tag ? 1 : 0);

/** Which tags are wanted, and in which order. */
export interface TrackerChoice {
  /** Of bytes in use, the most first; by tag where absent. */
  readonly sort?: 'nonpaged' | 'paged' | undefined;
  readonly pattern?: TagPattern | undefined;
  /** Tags that have nothing now too. */
  readonly all?: boolean;
}

export function chooseTags(
  tags: readonly TrackedTag[],
  { sort, pattern, all = false }: TrackerChoice,
): TrackedTag[] {
  const chosen = tags.filter(
    (each) => (pattern === undefined || fitsTag(pattern, each.tagValue)) && (all || hasAny(each)),
  );
  if (sort === undefined) return chosen;
  const key = sort === 'paged' ? 'paged' : 'nonPaged';
  return chosen.sort((a, b) => Number(b[key].bytes - a[key].bytes) || byTag(a, b));
}

const hasAny = ({ nonPaged, paged }: TrackedTag): boolean =>
  nonPaged.outstanding !== 0n || paged.outstanding !== 0n || nonPaged.bytes !== 0n || paged.bytes !== 0n;
