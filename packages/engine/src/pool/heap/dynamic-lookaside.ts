import { Fault, type Va, wrap64 } from '../../base/index.ts';
import { readSlist, walkChain } from '../../types/index.ts';
import type { ObjectKernel } from '../../windows/index.ts';
import { type PoolFormat, poolFormat } from '../format.ts';
import { decodeHeader, type PoolHeader } from '../header.ts';
import { ListBudget } from '../list-budget.ts';
import type { HeapProblem, PoolHeap } from './heap-block.ts';
import { isInKernelHalf } from './kernel-half.ts';

/**
 * _RTL_DYNAMIC_LOOKASIDE: freed blocks of sizes that are asked for often, kept for the next request. To the heap they are in
 * use.
 */
export interface DynamicLookaside {
  readonly address: Va;
  /** Sizes whose lists serve now, a bit each. */
  readonly enabled: bigint;
  readonly buckets: readonly LookasideBucket[];
  /** Why blocks may be lacking, one sentence each. */
  readonly missing: readonly string[];
}

export interface LookasideBucket {
  readonly index: number;
  /** Blocks that it keeps, header included; bytes. */
  readonly sizes: LookasideSizes;
  readonly isEnabled: boolean;
  /** Of the _RTL_LOOKASIDE. */
  readonly address: Va;
  /** Blocks on it, as its head counts them. */
  readonly count: number;
  /** Blocks that it keeps at most, at this moment and ever. */
  readonly depth: number;
  readonly maximumDepth: number;
  readonly totalAllocates: number;
  readonly allocateMisses: number;
  readonly totalFrees: number;
  readonly freeMisses: number;
  /** Blocks that its links lead to, the one that was freed last first. */
  readonly entries: readonly LookasideEntry[];
  readonly problems: readonly HeapProblem[];
}

/** From the least to the largest size of a bucket. */
export interface LookasideSizes {
  readonly least: number;
  readonly largest: number;
}

export interface LookasideEntry {
  /** Of the block's header. */
  readonly address: Va;
  /** Where the link is: the user's first bytes. */
  readonly data: Va;
  /** Undefined: not in the dump. */
  readonly header: PoolHeader | undefined;
}

/** Steps of the sizes; the first list begins behind blocks of 0x200 bytes. Source: Bayet and Fariello, SSTIC 2020. */
const steps = [
  { above: 0x200, upTo: 0x400, step: 0x10 },
  { above: 0x400, upTo: 0x800, step: 0x40 },
  { above: 0x800, upTo: 0xf80, step: 0x80 },
] as const;

/** The bucket for blocks of so many bytes, header included; undefined for sizes that are not kept. */
export function lookasideBucketOf(bytes: number): number | undefined {
  let first = 0;
  for (const { above, upTo, step } of steps) {
    if (bytes > above && bytes <= upTo) return first + Math.ceil((bytes - above) / step) - 1;
    first += (upTo - above) / step;
  }
  return undefined;
}

/** Sizes of a bucket; undefined for one that has none. */
export function lookasideSizesOf(index: number): LookasideSizes | undefined {
  let first = 0;
  for (const { above, upTo, step } of steps) {
    const count = (upTo - above) / step;
    if (index >= first && index < first + count) {
      const largest = above + (index - first + 1) * step;
      return { least: largest - step + unit, largest };
    }
    first += count;
  }
  return undefined;
}

const unit = 0x10;
/** _RTL_DYNAMIC_LOOKASIDE.Buckets. */
const mostBuckets = 64;

/** The lookaside that a heap's UserContext leads to; else why there is none to be read, as half a sentence. */
export function lookasideOf(
  { structures, target }: ObjectKernel,
  heap: Pick<PoolHeap, 'address'>,
): Va | string {
  const offset = structures.offset('_SEGMENT_HEAP', 'UserContext');
  if (offset === undefined) return 'the layout of _SEGMENT_HEAP is not known';
  const to = target.readPointer(wrap64(heap.address + BigInt(offset)));
  if (to === undefined) return 'the heap is not in this dump';
  return to === 0n ? 'the heap has none' : to;
}

/** Reads a lookaside with all blocks that it keeps. Yields buckets done. Else says, as half a sentence, why it cannot. */
export function* readDynamicLookaside(
  kernel: ObjectKernel,
  address: Va,
  budget = new ListBudget(),
): Generator<number, DynamicLookaside | string> {
  const { structures, target } = kernel;
  const type = structures.find('_RTL_DYNAMIC_LOOKASIDE');
  if (type === undefined || structures.find('_RTL_LOOKASIDE') === undefined)
    return 'the layout of _RTL_DYNAMIC_LOOKASIDE is not known';
  if (target.pointerSize !== 8) return 'the sizes of its lists are not known for 32 bits';
  const view = structures.at('_RTL_DYNAMIC_LOOKASIDE', address);
  const enabled = view.bigint('EnabledBucketBitmap');
  const count = view.number('BucketCount');
  if (enabled === undefined || count === undefined) return `it cannot be read: ${view.why('BucketCount')}`;
  const buckets: LookasideBucket[] = [];
  const missing: string[] = [];
  if (count > mostBuckets) missing.push(`it counts ${count} lists, and there are at most ${mostBuckets}`);
  for (let index = 0; index < Math.min(count, mostBuckets); index++) {
    const at = view.address(`Buckets[${index}]`);
    const sizes = lookasideSizesOf(index);
    if (at === undefined || sizes === undefined) continue;
    const bucket = new BucketReader(kernel, at, budget).read(
      index,
      sizes,
      ((enabled >> BigInt(index)) & 1n) !== 0n,
    );
    if (typeof bucket === 'string') missing.push(`list ${index}: ${bucket}`);
    else {
      buckets.push(bucket.read);
      missing.push(...bucket.missing.map((why) => `list ${index}: ${why}`));
    }
    yield index + 1;
  }
  return { address, enabled, buckets, missing };
}

class BucketReader {
  readonly #kernel: ObjectKernel;
  readonly #at: Va;
  readonly #budget: ListBudget;
  readonly #format: PoolFormat;
  readonly #problems: HeapProblem[] = [];
  readonly #missing: string[] = [];

  constructor(kernel: ObjectKernel, at: Va, budget: ListBudget) {
    this.#kernel = kernel;
    this.#at = at;
    this.#budget = budget;
    this.#format = poolFormat(kernel);
  }

  read(
    index: number,
    sizes: LookasideSizes,
    isEnabled: boolean,
  ): { readonly read: LookasideBucket; readonly missing: readonly string[] } | string {
    const view = this.#kernel.structures.at('_RTL_LOOKASIDE', this.#at);
    const header = view.inner('ListHead');
    const head = header === undefined ? undefined : readSlist(header);
    if (head === undefined) return view.why('ListHead') ?? 'its head cannot be read';
    const number = (path: string): number => view.number(path) ?? 0;
    const entries = this.#entries(head.first, sizes);
    // A list that was followed to its end has as many blocks as its head counts.
    if (this.#missing.length === 0 && this.#problems.length === 0 && entries.length !== head.depth)
      this.#problems.push({
        rule: 'lookaside-count',
        at: this.#at,
        found: BigInt(head.depth),
        expected: BigInt(entries.length),
      });
    const read = {
      index,
      sizes,
      isEnabled,
      address: this.#at,
      count: head.depth,
      depth: number('Depth'),
      maximumDepth: number('MaximumDepth'),
      totalAllocates: number('TotalAllocates'),
      allocateMisses: number('AllocateMisses'),
      totalFrees: number('TotalFrees'),
      freeMisses: number('FreeMisses'),
      entries,
      problems: this.#problems,
    };
    return { read, missing: this.#missing };
  }

  #entries(first: Va, sizes: LookasideSizes): LookasideEntry[] {
    const { memory, pointerSize } = this.#kernel.target;
    const entries: LookasideEntry[] = [];
    const walk = walkChain(memory, first, { pointerSize, limit: this.#budget.limit }, this.#at);
    let before = this.#at;
    for (let step = walk.next(); ; step = walk.next()) {
      if (step.done === true) {
        const { kind, at } = step.value;
        if (kind === 'cycle') this.#problems.push({ rule: 'list-cycle', at });
        if (kind === 'unreadable') this.#missing.push(`the block at ${before.toString(16)} cannot be read`);
        if (kind === 'limit') this.#missing.push('it is longer than is followed');
        break;
      }
      const data = step.value.link;
      if (data % BigInt(unit) !== 0n || !isInKernelHalf(data)) {
        this.#problems.push({ rule: 'lookaside', at: before, found: data });
        break;
      }
      entries.push(this.#entry(data, sizes));
      before = data;
    }
    this.#budget.spend(entries.length);
    return entries;
  }

  /** A block of another list's size was put there by a header that somebody changed. */
  #entry(data: Va, { least, largest }: LookasideSizes): LookasideEntry {
    const address = wrap64(data - BigInt(unit));
    const bytes = this.#kernel.target.memory.tryRead(address, unit);
    const header = bytes instanceof Fault ? undefined : decodeHeader(bytes, 0, this.#format);
    if (header !== undefined && (header.size < least || header.size > largest))
      this.#problems.push({
        rule: 'lookaside-size',
        at: address,
        found: BigInt(header.size),
        expected: BigInt(largest),
      });
    return { address, data, header };
  }
}

/** Blocks that lookasides keep, by the address of their header, each with where, as half a sentence. */
export function cachedBlocks(lookasides: readonly DynamicLookaside[]): Map<Va, string> {
  const cached = new Map<Va, string>();
  for (const { buckets } of lookasides)
    for (const { index, sizes, entries } of buckets)
      for (const { address } of entries)
        cached.set(address, `lookaside list ${index}, of blocks up to 0x${sizes.largest.toString(16)} bytes`);
  return cached;
}
