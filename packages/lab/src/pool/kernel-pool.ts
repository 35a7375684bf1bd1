import { assert, DebuggerError, pageSize, type Va } from '@poolscope/engine/base';
import { BigBlocks } from './big-blocks.ts';
import { bootPools } from './boot-pools.ts';
import { largestSmallRequest, type PoolGeneration } from './generation.ts';
import { isCanonical, type KernelAddress, offsetInPage } from './kernel-address.ts';
import { lookasideSizes } from './lookaside-lists.ts';
import type { MachinePool } from './machine-pool.ts';
import { checkAllocation, checkFree, checkPage } from './pool-checks.ts';
import type { PoolDescriptor } from './pool-descriptor.ts';
import { PoolBugCheck } from './pool-fault.ts';
import { BlockState } from './pool-ledger.ts';
import { type KernelPoolOptions, type PoolCaller, PoolParts, type Pools } from './pool-parts.ts';
import { descriptorsOf, type PoolTruth, poolBlocks, poolTruth, type TrueBlock } from './pool-truth.ts';
import { headerType, nxBit, type PoolTag, pagedBit, sessionBit, tagNumber } from './pool-type.ts';

const plainCaller: PoolCaller = { processor: 0, irql: 0 };
const dispatchLevel = 2;
const apcLevel = 1;
/** First build whose system addresses are half of all. */
const windows81 = 9600;

/** A block of a page that the pool takes over, with its header. */
export interface AdoptedBlock {
  readonly tag: PoolTag;
  /** Bytes. */
  readonly size: number;
  readonly isFree?: boolean;
}

/**
 * The classic kernel pool in the memory of a machine: everything that decides what happens next is in that memory, where
 * others may destroy it. Operations throw a `PoolBugCheck` where Windows notices damage, and a `PoolFault` where the
 * processor does.
 */
export class KernelPool implements MachinePool {
  readonly generation: PoolGeneration;
  readonly #parts: PoolParts;
  readonly #pools: Pools;
  readonly #big: BigBlocks;
  readonly #delaysFrees: boolean;
  readonly #walksPages: boolean;
  readonly #largest: number;
  /** The paged pool that was used last. */
  #pagedTurn = 0;

  constructor(options: KernelPoolOptions) {
    this.generation = options.generation;
    this.#parts = new PoolParts(options);
    this.#pools = bootPools(this.#parts, options);
    this.#delaysFrees = options.delaysFrees ?? true;
    this.#walksPages = options.walksPages ?? false;
    this.#largest = largestSmallRequest(options.generation);
    this.#big = new BigBlocks(this.#parts, this.#pools);
  }

  /** ExAllocatePoolWithTag: address of so many bytes, 0 when there is no memory. */
  allocate(type: number, bytes: number, tag: PoolTag, caller: PoolCaller = plainCaller): Va {
    const { memory, trace } = this.#begin(type, caller);
    try {
      return memory.exact(this.#allocate(type, bytes, tagNumber(tag), caller));
    } catch (error) {
      throw trace.explain(error, memory);
    }
  }

  /** ExAllocatePoolWithQuotaTag: a process pays. Allocations of whole pages are charged to nobody. */
  allocateWithQuota(
    type: number,
    bytes: number,
    tag: PoolTag,
    process: Va,
    caller: PoolCaller = plainCaller,
  ): Va {
    const { memory, trace, billing, headers } = this.#begin(type, caller);
    try {
      const body = this.#allocate(type, bytes + billing.extraBytes, tagNumber(tag), caller);
      if (body !== 0 && offsetInPage(body) !== 0) {
        const header = body - this.generation.unit;
        headers.setType(header, headers.type(header) | headerType.quota);
        billing.charge(header, process);
      }
      return memory.exact(body);
    } catch (error) {
      throw trace.explain(error, memory);
    }
  }

  /** ExFreePoolWithTag; without a tag ExFreePool. */
  free(va: Va, tag: PoolTag = 0, caller: PoolCaller = plainCaller): void {
    const { memory, trace } = this.#begin(0, caller);
    try {
      this.#free(memory.pointer(va), tagNumber(tag), caller);
    } catch (error) {
      throw trace.explain(error, memory);
    }
  }

  /** A page of small blocks that was filled, and in part freed again, before anybody looked: its blocks in order. */
  adoptPage(type: number, va: Va, blocks: readonly AdoptedBlock[]): void {
    const pool = this.#poolFor(type);
    const page = this.#parts.memory.pointer(va);
    pool.region.claim(page);
    pool.countPages(1);
    let [at, previous] = [page, 0];
    for (const block of blocks) {
      const units = block.size / this.generation.unit;
      this.#adopt(pool, at, previous, { ...block, units });
      at += block.size;
      previous = units;
    }
    assert(at === page + pageSize, 'the blocks fill their page');
  }

  #adopt(
    pool: PoolDescriptor,
    at: KernelAddress,
    previous: number,
    { tag, units, size, isFree = false }: AdoptedBlock & { readonly units: number },
  ): void {
    const { headers, lists } = this.#parts;
    const { unit } = this.generation;
    const number = tagNumber(tag);
    headers.write(at, previous, pool.index, units, isFree ? 0 : headerType.inUse);
    headers.setTag(at, number);
    if (isFree && units > 1) lists.insertBack(pool.head(units), at + unit);
    if (isFree) return;
    this.#parts.billing.clear(at);
    this.#pools.tracker.countAllocation(number, size, pool.isPaged, 0);
    pool.countAllocation(size);
    pool.region.ledger(at).set(pool.region.unitOf(at), units, size - unit, number);
  }

  /** ExDeferredFreePool for all pools: what waits is freed now. */
  drainDeferred(): void {
    const { memory, trace } = this.#begin(0, plainCaller);
    try {
      for (const pool of descriptorsOf(this.#pools)) this.#drain(pool);
    } catch (error) {
      throw trace.explain(error, memory);
    }
  }

  /** What the pool knows, for comparison with what a reader of the dump finds. */
  /** Its blocks, as `truth` has them. */
  blocks(): TrueBlock[] {
    return poolBlocks(this.#parts, this.#pools);
  }

  truth(): PoolTruth {
    return poolTruth(this.#parts, this.#pools);
  }

  #begin(type: number, { irql, processor }: PoolCaller): PoolParts {
    if (this.#pools.processorLists[processor] === undefined)
      throw new DebuggerError('LAB_OPTIONS', `the machine has no processor ${processor}`);
    this.#parts.trace.begin(irql);
    this.#raise(type, irql);
    return this.#parts;
  }

  /** Nonpaged pool is locked at DISPATCH_LEVEL; paged by a fast mutex from Windows 8 on, before by a guarded one. */
  #raise(type: number, irql: number): void {
    const locked = (type & pagedBit) === 0 ? dispatchLevel : this.generation.hasNx ? apcLevel : 0;
    this.#parts.trace.irql = Math.max(irql, locked);
  }

  #allocate(type: number, bytes: number, tag: number, caller: PoolCaller): KernelAddress {
    if (!Number.isSafeInteger(bytes) || bytes < 0)
      throw new DebuggerError('LAB_OPTIONS', `${bytes} is no number of bytes`);
    checkAllocation(type, bytes, tag, caller.irql);
    const wanted = bytes === 0 ? 1 : bytes;
    const pool = this.#poolFor(type);
    if (wanted > this.#largest)
      return this.#big.allocate(pool, this.#wholePages(pool), type, wanted, tag, caller);
    const { unit } = this.generation;
    const units = Math.ceil((wanted + unit) / unit);
    const kind = (type & pagedBit) | headerType.inUse | (type & sessionBit);
    const header = this.#popLookaside(pool, units, kind, caller) ?? this.#take(pool, units, kind);
    if (header === undefined) return 0;
    this.#parts.headers.setTag(header, tag);
    this.#parts.billing.clear(header);
    this.#pools.tracker.countAllocation(tag, units * unit, pool.isPaged, caller.processor);
    // A lookaside whose link was written over hands out any address.
    if (pool.region.holds(header))
      pool.region.ledger(header).set(pool.region.unitOf(header), units, wanted, tag);
    return header + unit;
  }

  #take(pool: PoolDescriptor, units: number, kind: number): KernelAddress | undefined {
    const header = this.#parts.blocks.take(pool, units, kind);
    if (header !== undefined) pool.countAllocation(units * this.generation.unit);
    return header;
  }

  #popLookaside(
    pool: PoolDescriptor,
    units: number,
    kind: number,
    { processor }: PoolCaller,
  ): KernelAddress | undefined {
    const list = this.#lookaside(pool, units, processor);
    const body = list === undefined ? undefined : this.#parts.lookasides.pop(list);
    if (body === undefined) return undefined;
    const header = body - this.generation.unit;
    this.#parts.headers.setType(header, kind);
    return header;
  }

  #free(body: KernelAddress, tag: number, caller: PoolCaller): void {
    const { memory, headers, trace } = this.#parts;
    trace.at('read-header', body, -this.generation.unit);
    if (!isCanonical(body)) memory.page(body);
    const region = this.#pools.regions.find((each) => each.holds(body));
    const raw = memory.exact(body);
    if (body >= 0) throw new PoolBugCheck(0xc2, [0x40n, raw, this.#systemStart(), 0n]);
    if (region === undefined) throw new PoolBugCheck(0xc2, [0x42n, raw, 0n, 0n]);
    if (offsetInPage(body) === 0) {
      this.#big.free(body, tag, caller, (pool) => this.#raise(pool.type, caller.irql));
      return;
    }
    if (body % this.generation.unit !== 0) throw new PoolBugCheck(0xc2, [0x46n, raw, 0n, 0n]);
    const header = body - this.generation.unit;
    trace.header = header;
    const type = headers.type(header);
    this.#raise(type, caller.irql);
    checkFree(this.#parts, body, tag, caller.irql);
    if (this.#walksPages) checkPage(this.#parts, header);
    const units = headers.size(header);
    const pool = this.#poolOf(header, type, region === this.#pools.nonPagedNx.region);
    if ((type & headerType.quota) !== 0) this.#parts.billing.check(header, body);
    const bytes = units * this.generation.unit;
    this.#pools.tracker.countFree(headers.tag(header), bytes, pool.isPaged, caller.processor);
    this.#giveBack(pool, header, units, caller);
  }

  /** To a lookaside with room, to the list of those that wait, or at once to the lists of free blocks. */
  #giveBack(pool: PoolDescriptor, header: KernelAddress, units: number, { processor }: PoolCaller): void {
    const { headers, lookasides, deferred } = this.#parts;
    const body = header + this.generation.unit;
    const keep = headerType.paged | headerType.session;
    headers.setType(header, (headers.type(header) & keep) | headerType.freed);
    const list = this.#lookaside(pool, units, processor);
    if (list !== undefined && lookasides.push(list, body)) {
      this.#note(header, BlockState.lookaside);
      return;
    }
    if (!this.#delaysFrees) {
      this.#release(pool, header);
      return;
    }
    if (deferred.isFull(pool)) this.#drain(pool);
    deferred.push(pool, body);
    this.#note(header, BlockState.deferred);
  }

  #drain(pool: PoolDescriptor): void {
    this.#parts.deferred.drain(pool, (body) => this.#release(pool, body - this.generation.unit));
  }

  #release(pool: PoolDescriptor, header: KernelAddress): void {
    const units = this.#parts.headers.size(header);
    this.#note(header, BlockState.none);
    this.#parts.blocks.release(pool, header);
    pool.countFree(units * this.generation.unit);
  }

  #note(header: KernelAddress, state: number): void {
    const region = this.#pools.regions.find((each) => each.holds(header));
    if (region !== undefined) region.ledger(header).states[region.unitOf(header)] = state;
  }

  /** Session pool has lookasides in its session, which are not simulated. */
  #lookaside(pool: PoolDescriptor, units: number, processor: number): KernelAddress | undefined {
    if (units > lookasideSizes || pool.kind === 'session') return undefined;
    const { nonPaged, nonPagedNx, paged } = this.#pools.processorLists[processor]!;
    const array = pool.kind === 'paged' ? paged : pool.kind === 'nonpaged' ? nonPaged : nonPagedNx;
    return array === undefined ? undefined : this.#parts.lookasides.list(array, units);
  }

  /** Paged pools take turns. */
  #poolFor(type: number): PoolDescriptor {
    const { session, paged, nonPaged, nonPagedNx } = this.#pools;
    if ((type & pagedBit) === 0) return (type & nxBit) === 0 ? nonPaged : nonPagedNx;
    if ((type & sessionBit) !== 0 && session !== undefined) return session;
    this.#pagedTurn = (this.#pagedTurn % (paged.length - 1)) + 1;
    return paged[this.#pagedTurn]!;
  }

  #wholePages(pool: PoolDescriptor): PoolDescriptor {
    return pool.kind === 'paged' ? this.#pools.paged[0]! : pool;
  }

  /** The pool that a header names; a number of a paged pool that is not there leads wherever that word of memory leads. */
  #poolOf(header: KernelAddress, type: number, isNx: boolean): PoolDescriptor {
    const { memory, headers, trace, variables } = this.#parts;
    if ((type & headerType.paged) === 0) return isNx ? this.#pools.nonPagedNx : this.#pools.nonPaged;
    if ((type & headerType.session) !== 0 && this.#pools.session !== undefined) return this.#pools.session;
    const index = headers.index(header);
    const known = this.#pools.paged[index];
    if (known !== undefined) return known;
    if (this.generation.checksPoolIndex) throw headerCorrupt(memory.exact(header), headers.word(header));
    const at = variables.get('ExpPagedPoolDescriptor') + index * this.generation.pointerSize;
    const descriptor = memory.readPointer(at);
    trace.descriptor = descriptor;
    trace.at('read-descriptor', descriptor, this.#parts.layout.descriptor.pendingDepth);
    memory.readU32(descriptor + this.#parts.layout.descriptor.pendingDepth);
    throw headerCorrupt(memory.exact(header), headers.word(header));
  }

  /** What nt!MmSystemRangeStart holds. */
  #systemStart(): bigint {
    if (this.generation.pointerSize === 4) return 0xffff_ffff_8000_0000n;
    return this.generation.build >= windows81 ? 0xffff_8000_0000_0000n : 0xffff_0800_0000_0000n;
  }
}

/** Source of the code: the documentation of bug check 0xC2; that a bad PoolIndex is reported so is a guess. */
const headerCorrupt = (header: bigint, word: number): PoolBugCheck =>
  new PoolBugCheck(0xc2, [2n, header, BigInt(word), 0n]);
