import { type Va, wrap64 } from '../../base/index.ts';
import type { Structure } from '../../types/index.ts';
import type { ObjectKernel } from '../../windows/index.ts';
import type { PoolHeap } from './heap-block.ts';
import { type BucketUse, decodeBucketUse, lfhBucketSizes } from './lfh-buckets.ts';

/** _HEAP_LFH_CONTEXT of a heap: which sizes its LFH serves, and who owns its subsegments. */
export interface LfhContext {
  readonly address: Va;
  /** Largest block that the LFH serves; undefined where that cannot be read. */
  readonly largest: number | undefined;
  /** Are blocks that would cross a page left out? */
  readonly withholdsCrossing: boolean | undefined;
  readonly buckets: readonly LfhBucket[];
  /** By address: buckets and their affinity slots. */
  readonly owners: ReadonlyMap<Va, LfhOwner>;
  /** What cannot be read of it, one sentence each; without any, `owners` is all there are. */
  readonly missing: readonly string[];
}

/**
 * - `live`: the LFH serves this size
 * - `waiting`: VS does, until enough blocks of it are in use
 * - `starting`: it is being made
 */
export interface LfhBucket {
  readonly index: number;
  /** Of its blocks, bytes; undefined where the steps of sizes are not known. */
  readonly blockSize: number | undefined;
  readonly state: 'live' | 'waiting' | 'starting';
  /** How often VS served the size; of buckets that are not live. */
  readonly use: BucketUse | undefined;
  /** Of the _HEAP_LFH_BUCKET; of live ones. */
  readonly address: Va | undefined;
  readonly totalBlocks: number | undefined;
  readonly totalSubsegments: number | undefined;
  readonly slots: readonly LfhAffinitySlot[];
}

/** One for each group of processors that contend for a bucket. */
export interface LfhAffinitySlot {
  readonly address: Va;
  /** The subsegment that blocks come from now. */
  readonly active: Va | undefined;
  /** The low 12 bits of its pointer: a count that runs down as blocks are taken. */
  readonly activeCount: number;
}

/** Who a subsegment names as its owner. */
export interface LfhOwner {
  readonly address: Va;
  readonly kind: 'bucket' | 'slot';
  readonly bucket: number;
  readonly blockSize: number | undefined;
  /** Of an affinity slot. */
  readonly active: Va | undefined;
}

/** A count of slots is a byte. */
const mostSlots = 0xff;
/** Subsegments are page-aligned, so that the low bits of a pointer to one are free. */
const countBits = 0xfffn;

const remembered = new WeakMap<object, Map<Va, LfhContext | string>>();

/** Reads the LFH context of a heap, once; else says, as half a sentence, why that cannot be done. */
export function readLfhContext(
  kernel: ObjectKernel,
  { address }: Pick<PoolHeap, 'address'>,
): LfhContext | string {
  const known = remembered.get(kernel) ?? new Map<Va, LfhContext | string>();
  remembered.set(kernel, known);
  const found = known.get(address) ?? new ContextReader(kernel, address).read();
  known.set(address, found);
  return found;
}

class ContextReader {
  readonly #kernel: ObjectKernel;
  readonly #heap: Va;
  readonly #missing: string[] = [];
  readonly #owners = new Map<Va, LfhOwner>();

  constructor(kernel: ObjectKernel, heap: Va) {
    this.#kernel = kernel;
    this.#heap = heap;
  }

  read(): LfhContext | string {
    const { structures } = this.#kernel;
    const offset = structures.offset('_SEGMENT_HEAP', 'LfhContext');
    const type = structures.find('_HEAP_LFH_CONTEXT');
    if (offset === undefined || type === undefined) return 'the layout of _HEAP_LFH_CONTEXT is not known';
    const address = wrap64(this.#heap + BigInt(offset));
    const context = structures.at('_HEAP_LFH_CONTEXT', address);
    const count = type.member('Buckets')?.count ?? 0;
    const sizes = this.#kernel.target.pointerSize === 8 ? lfhBucketSizes(count) : [];
    const buckets: LfhBucket[] = [];
    for (let index = 0; index < count; index++) {
      const bucket = this.#bucket(context, index, sizes[index]);
      if (bucket !== undefined) buckets.push(bucket);
    }
    const largest = context.number('Config.MaxBlockSize');
    return {
      address,
      largest: largest === 0 ? undefined : largest,
      withholdsCrossing: context.flag('Config.WitholdPageCrossingBlocks'),
      buckets,
      owners: this.#owners,
      missing: this.#missing,
    };
  }

  #bucket(context: Structure, index: number, blockSize: number | undefined): LfhBucket | undefined {
    const at = context.address(`Buckets[${index}]`)!;
    const pointer = this.#kernel.target.readPointer(at);
    if (pointer === undefined) return this.#lacking(`bucket ${index} cannot be read`);
    if (pointer === 0n) return undefined;
    const none = {
      index,
      blockSize,
      address: undefined,
      totalBlocks: undefined,
      totalSubsegments: undefined,
    };
    if ((pointer & 3n) === 0n) return this.#live(pointer, index, blockSize);
    const use = decodeBucketUse(Number((pointer >> 16n) & 0xffffn));
    return { ...none, state: (pointer & 1n) !== 0n ? 'waiting' : 'starting', use, slots: [] };
  }

  #live(address: Va, index: number, blockSize: number | undefined): LfhBucket {
    const { structures } = this.#kernel;
    const base = { index, blockSize, address, state: 'live', use: undefined } as const;
    const type = structures.find('_HEAP_LFH_BUCKET');
    if (type === undefined) {
      this.#lacking('the layout of _HEAP_LFH_BUCKET is not known');
      return { ...base, totalBlocks: undefined, totalSubsegments: undefined, slots: [] };
    }
    const view = structures.at('_HEAP_LFH_BUCKET', address);
    if (view.fault('State') !== undefined)
      this.#lacking(`bucket ${index} cannot be read: ${view.why('State')}`);
    this.#owners.set(address, { address, kind: 'bucket', bucket: index, blockSize, active: undefined });
    return {
      ...base,
      totalBlocks: view.number('TotalBlockCount'),
      totalSubsegments: view.number('TotalSubsegmentCount'),
      slots: this.#slots(view, index, blockSize),
    };
  }

  #slots(bucket: Structure, index: number, blockSize: number | undefined): LfhAffinitySlot[] {
    const array = bucket.pointer('AffinitySlots');
    const count = bucket.number('State.SlotCount');
    if (array === undefined || count === undefined || array === 0n) {
      this.#lacking(
        `affinity slots of bucket ${index} cannot be read: ${bucket.why('AffinitySlots') ?? 'null'}`,
      );
      return [];
    }
    const { target } = this.#kernel;
    const slots: LfhAffinitySlot[] = [];
    for (let each = 0; each < Math.min(count, mostSlots); each++) {
      const address = target.readPointer(wrap64(array + BigInt(each * target.pointerSize)));
      if (address === undefined) this.#lacking(`affinity slot ${each} of bucket ${index} cannot be read`);
      else if (address !== 0n) slots.push(this.#slot(address, index, blockSize));
    }
    return slots;
  }

  #slot(address: Va, bucket: number, blockSize: number | undefined): LfhAffinitySlot {
    const offset = this.#kernel.structures.offset('_HEAP_LFH_AFFINITY_SLOT', 'ActiveSubsegment');
    const value =
      offset === undefined ? undefined : this.#kernel.target.readPointer(wrap64(address + BigInt(offset)));
    if (value === undefined) this.#lacking(`an affinity slot of bucket ${bucket} cannot be read`);
    const to = (value ?? 0n) & ~countBits;
    const active = to === 0n ? undefined : to;
    this.#owners.set(address, { address, kind: 'slot', bucket, blockSize, active });
    return { address, active, activeCount: Number((value ?? 0n) & countBits) };
  }

  #lacking(what: string): undefined {
    if (!this.#missing.includes(what)) this.#missing.push(what);
  }
}
