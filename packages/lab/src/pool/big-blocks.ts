import { pageSize } from '@poolscope/engine/base';
import { alignUp } from '../bytes/integers.ts';
import type { BigPageEntry } from './big-page-table.ts';
import { ownTable } from './boot-pools.ts';
import { writeBigPageVariables } from './boot-tables.ts';
import { type KernelAddress, offsetInPage } from './kernel-address.ts';
import { checkTag, highestLevel } from './pool-checks.ts';
import type { PoolDescriptor } from './pool-descriptor.ts';
import { PoolBugCheck } from './pool-fault.ts';
import type { PoolCaller, PoolParts, Pools } from './pool-parts.ts';
import { headerType, pagedBit, sessionBit, wellKnownTags } from './pool-type.ts';

/**
 * Allocations of whole pages. What the last page has left is a block for others behind one that only keeps its place
 * (tag `Frag`), up to Windows 8.1; from Windows 10 on it is filled with a pattern. Sources: Microsoft's debugging blog on
 * large allocations; the layout of the table's entries. Whether 8 and 8.1 still share the rest is not public.
 */
export class BigBlocks {
  readonly #parts: PoolParts;
  readonly #pools: Pools;

  constructor(parts: PoolParts, pools: Pools) {
    this.#parts = parts;
    this.#pools = pools;
  }

  /** `pool` gets the rest of the last page; `whole` is the descriptor that counts the pages. 0 when there is no memory. */
  allocate(
    pool: PoolDescriptor,
    whole: PoolDescriptor,
    type: number,
    wanted: number,
    tag: number,
    { processor }: PoolCaller,
  ): KernelAddress {
    if (this.#pools.bigPages.isCrowded && !this.#grow()) return 0;
    const pages = Math.ceil(wanted / pageSize);
    const start = pool.region.allocate(pages, true);
    if (start === undefined) return 0;
    const entry = this.#finish(pool, { va: start, tag, type, bytes: wanted, slush: 0, pattern: 0 });
    this.#pools.bigPages.insert(entry);
    this.#pools.tracker.countAllocation(tag, pages * pageSize, pool.isPaged, processor);
    whole.countAllocation(pages * pageSize);
    whole.countBigPages(pages);
    return start;
  }

  /** Uses the rest of the last page. */
  #finish(pool: PoolDescriptor, entry: BigPageEntry): BigPageEntry {
    const { layout, memory, blocks, generation } = this.#parts;
    if (layout.bigPage.packsTail) {
      const slush = alignUp(entry.bytes, pageSize) - entry.bytes;
      const pattern = patternOf(entry.va);
      const from = entry.va + entry.bytes;
      if (slush > 0) memory.page(from, true).fill(pattern, offsetInPage(from));
      return { ...entry, slush, pattern };
    }
    const bytes = alignUp(entry.bytes, generation.unit);
    if (offsetInPage(bytes) === 0) return { ...entry, bytes };
    const tail = entry.va + bytes;
    blocks.placeTail(pool, tail, (pool.type & (pagedBit | sessionBit)) | headerType.inUse);
    pool.region.ledger(tail).set(pool.region.unitOf(tail), 1, 0, wellKnownTags.fragment);
    return { ...entry, bytes };
  }

  free(
    va: KernelAddress,
    tag: number,
    { processor, irql }: PoolCaller,
    lock: (pool: PoolDescriptor) => void,
  ): void {
    const { memory } = this.#parts;
    const entry = this.#pools.bigPages.find(va);
    const raw = memory.exact(va);
    if (entry === undefined) throw new PoolBugCheck(0x19, [0x22n, raw, 0n, 0n]);
    if (irql > highestLevel(entry.type))
      throw new PoolBugCheck(0xc2, [9n, BigInt(irql), BigInt(entry.type), raw]);
    checkTag(raw, entry.tag, tag);
    const whole = this.#wholeOf(va);
    lock(whole);
    this.#checkTail(entry);
    const pages = Math.ceil(entry.bytes / pageSize);
    this.#pools.bigPages.remove(va);
    this.#pools.tracker.countFree(entry.tag, pages * pageSize, whole.isPaged, processor);
    whole.countFree(pages * pageSize);
    whole.countBigPages(-pages);
    this.#releasePages(whole, entry, pages);
  }

  /** The data behind the allocation has to be as the allocator left it: who is freeing wrote too much otherwise. */
  #checkTail({ va, bytes, slush, pattern }: BigPageEntry): void {
    const { memory, headers, layout, trace } = this.#parts;
    const tail = va + bytes;
    trace.at('big-page-tail', tail);
    if (layout.bigPage.packsTail) {
      if (slush === 0) return;
      const page = memory.page(tail);
      const from = offsetInPage(tail);
      for (let at = from; at < Math.min(from + slush, pageSize); at++)
        if (page[at] !== pattern) throw overrun(memory.exact(va), bytes, BigInt(page[at]!));
      return;
    }
    if (offsetInPage(tail) === 0) return;
    const { previousSize, size, type, tag } = headers.read(tail);
    const isIntact = previousSize === 0 && size === 1 && type !== 0 && tag === wellKnownTags.fragment;
    if (!isIntact) throw overrun(memory.exact(va), bytes, memory.readU64(tail));
  }

  /** The last page stays when somebody got the rest of it: its front is an ordinary free block then. */
  #releasePages(whole: PoolDescriptor, { va, bytes }: BigPageEntry, pages: number): void {
    const { blocks, headers, generation, layout } = this.#parts;
    const { region } = whole;
    const tail = va + bytes;
    if (layout.bigPage.packsTail || offsetInPage(tail) === 0 || blocks.takeTail(tail)) {
      region.free(va, pages);
      return;
    }
    const last = va + (pages - 1) * pageSize;
    if (pages > 1) region.free(va, pages - 1);
    const pool = this.#descriptorOf(whole, headers.index(tail));
    const units = offsetInPage(tail) / generation.unit + 1;
    region.makeSmall(last);
    region.ledger(tail).states[region.unitOf(tail)] = 0;
    pool.countPages(1);
    headers.write(last, 0, pool.index, units, headers.type(tail));
    headers.setTag(last, wellKnownTags.free);
    headers.setPreviousSize(last + units * generation.unit, units);
    blocks.release(pool, last);
  }

  #descriptorOf(whole: PoolDescriptor, index: number): PoolDescriptor {
    return whole.kind === 'paged' ? (this.#pools.paged[index] ?? whole) : whole;
  }

  #wholeOf(va: KernelAddress): PoolDescriptor {
    const { nonPaged, nonPagedNx, paged, session } = this.#pools;
    const found = [nonPaged, nonPagedNx, paged[0]!].find(({ region }) => region.holds(va));
    return found ?? session ?? nonPaged;
  }

  /** Twice as many slots; the old table's pages are given back. */
  #grow(): boolean {
    const { bigPages, nonPagedNx, tracker } = this.#pools;
    const [oldStart, oldPages] = [bigPages.start, bigPages.pagesFor(bigPages.slots)];
    const slots = bigPages.slots * 2;
    const pages = bigPages.pagesFor(slots);
    const start = nonPagedNx.region.allocate(pages, true);
    if (start === undefined) return false;
    bigPages.remove(oldStart);
    bigPages.rebuild(start, slots);
    const bytes = pages * pageSize;
    bigPages.insert(ownTable(start, bytes, nonPagedNx));
    writeBigPageVariables(this.#parts, bigPages);
    tracker.countAllocation(wellKnownTags.pool, bytes, false, 0);
    tracker.countFree(wellKnownTags.pool, oldPages * pageSize, false, 0);
    nonPagedNx.countAllocation(bytes);
    nonPagedNx.countFree(oldPages * pageSize);
    nonPagedNx.countBigPages(pages - oldPages);
    nonPagedNx.region.free(oldStart, oldPages);
    return true;
  }
}

/** Some byte that is not 0, fixed for an address. */
const patternOf = (va: KernelAddress): number => ((va / pageSize) & 0xff) | 0x80;

/** BAD_POOL_HEADER/0x21: address, bytes of the allocation, what was found behind it. */
const overrun = (va: bigint, bytes: number, found: bigint): PoolBugCheck =>
  new PoolBugCheck(0x19, [0x21n, va, BigInt(bytes), found]);
