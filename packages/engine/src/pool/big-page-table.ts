import { Fault, pageSize, type Va, wrap64 } from '../base/index.ts';
import { type ObjectKernel, sourced } from '../windows/index.ts';
import { EntryReader } from './big-page-entry.ts';
import { alignedPointers, kernelData, type SearchedKernel, sizesNear } from './kernel-data.ts';
import { countIn, isPlaced, type Placed, pointedBy } from './placed.ts';

/** The table of large allocations. */
export interface BigPageTable {
  readonly start: Va;
  /** Entries, free ones included. */
  readonly count: number;
  readonly entries: EntryReader;
}

/** Most entries that a table can have: that of a machine with a terabyte of memory. */
const mostEntries = 1 << 22;
/** Entries in use that make a table. */
const convincing = 3;
/** What is looked at of a table at first. */
const sampleBytes = 4 * pageSize;
const fewestEntries = 0x40;
/** Pages of variables between two signs of life. */
const pagesPerSign = 16;

const searched = new WeakMap<SearchedKernel, Placed<BigPageTable>>();

/**
 * Finds nt!PoolBigPageTable: by symbols, else by a pointer among nt's variables to entries of its form. Yields now and then
 * how much was looked at.
 */
export function* findBigPageTable(kernel: SearchedKernel): Generator<number, Placed<BigPageTable>> {
  const type = kernel.structures.find('_POOL_TRACKER_BIG_PAGES');
  if (type === undefined) return 'the layout of its entries is not known';
  const entries = new EntryReader(type);
  const named = bySymbols(kernel, entries);
  if (named !== undefined) return named;
  const known = searched.get(kernel);
  if (known !== undefined) return known;
  const found = yield* byEvidence(kernel, entries);
  searched.set(kernel, found);
  return found;
}

/** Undefined: there are no symbols for it. */
function bySymbols(kernel: ObjectKernel, entries: EntryReader): Placed<BigPageTable> | undefined {
  if (kernel.symbols.findAddress('nt!PoolBigPageTable') === undefined) return undefined;
  const [start, count] = [pointedBy(kernel, 'PoolBigPageTable'), countIn(kernel, 'PoolBigPageTableSize')];
  if (!isPlaced(start)) return start;
  if (!isPlaced(count)) return count;
  if (count.value > mostEntries) return `nt!PoolBigPageTableSize is ${count.value}, which is too many`;
  return sourced({ start: start.value, count: count.value, entries }, start.from);
}

/** A pointer to what may be the table. */
interface Candidate {
  readonly start: Va;
  /** Entries in use, of `count`. */
  readonly used: number;
  readonly count: number;
}

/** Of several tables, as that of a session, the one with the most allocations. */
function* byEvidence(kernel: SearchedKernel, entries: EntryReader): Generator<number, Placed<BigPageTable>> {
  const { pointerSize } = kernel.target;
  const isImage = (va: Va): boolean =>
    kernel.modules.some(({ base, size }) => va >= base && va < base + BigInt(size));
  const seen = new Set<Va>();
  let best: Candidate | undefined;
  let pages = 0;
  for (const page of kernelData(kernel)) {
    for (const { offset, to } of alignedPointers(page, pointerSize)) {
      if (seen.has(to) || isImage(to)) continue;
      seen.add(to);
      if (!judgeEntries(kernel, entries, to, Math.floor(sampleBytes / entries.size)).whole) continue;
      const found = yield* measure(kernel, entries, to, page.at + BigInt(offset));
      if (found.used >= convincing && found.used > (best?.used ?? 0)) best = found;
    }
    if (++pages % pagesPerSign === 0) yield pages;
  }
  if (best === undefined)
    return 'there are no symbols for nt!PoolBigPageTable, and no variable of nt points to entries of its form';
  const { start, count } = best;
  return sourced({ start, count, entries }, 'a variable of nt that points to entries of its form');
}

/** Entries from `start` on: are all that are there of the right form, and how many are in use? */
function judgeEntries(
  { target }: ObjectKernel,
  entries: EntryReader,
  start: Va,
  count: number,
): { readonly used: number; readonly good: number; readonly whole: boolean } {
  const read = target.memory.tryRead(start, count * entries.size);
  const bytes = read instanceof Fault ? read.got : read;
  const present = Math.floor(bytes.length / entries.size);
  let used = 0;
  for (let index = 0; index < present; index++) {
    const kind = entries.judge(bytes, index);
    // Behind the end of a short table anything may be.
    if (kind === 'wrong') return { used, good: index, whole: index >= fewestEntries };
    if (kind === 'used') used++;
  }
  return { used, good: present, whole: present > 0 };
}

/**
 * How many entries the table has: as far as they are of the right form, and of the numbers next to its variable the largest
 * that this allows. Entries behind the end that are taken for free ones do no harm.
 */
function* measure(
  kernel: SearchedKernel,
  entries: EntryReader,
  start: Va,
  variable: Va,
): Generator<number, Candidate> {
  const near = sizesNear(kernel, variable, fewestEntries, mostEntries);
  const most = near[0] ?? mostEntries;
  const perStep = Math.floor((16 * pageSize) / entries.size);
  let good = 0;
  let used = 0;
  while (good < most) {
    const wanted = Math.min(perStep, most - good);
    const step = judgeEntries(kernel, entries, wrap64(start + BigInt(good * entries.size)), wanted);
    good += step.good;
    used += step.used;
    if (step.good < wanted) break;
    yield good;
  }
  return { start, used, count: near.find((size) => size <= good) ?? good };
}
