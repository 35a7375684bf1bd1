import { pageOf, pageSize, type Va } from '../../base/index.ts';
import { runToEnd } from '../../memory/index.ts';
import {
  describePool,
  type HeapBlock,
  type HeapReport,
  isPrintableTag,
  noVsKnowledge,
  type PageBytes,
  type PoolBlock,
  poolFormat,
  readHeapLists,
  readPage,
  toldSize,
  type VsContextKnowledge,
} from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import type { DamagedPage, FindCopied, PageDamage } from './damage-span.ts';
import { readHit } from './header-hit.ts';
import { blockHeader, knownChunk, type LostChunk, lostChunk } from './heap-chunk-header.ts';
import { formerBlock } from './heap-former-block.ts';
import {
  behindCount,
  fromBeforeChunk,
  ofFormerOwner,
  withoutRewritten,
  withoutUnusedBytes,
} from './heap-own-bytes.ts';
import { headerChange, type KnownHeader } from './known-header.ts';
import { provenHeaps } from './proven-heaps.ts';
import { seenBlock } from './small-pool.ts';

/** Damage of a page of a heap, and the blocks that it hit, nearest first. */
export interface HeapDamage {
  readonly damage: PageDamage;
  readonly victims: readonly HitBlock[];
}

/** A block that was hit; without one of the heap's its header is lost. */
export interface HitBlock {
  readonly at: Va;
  readonly size: number | undefined;
  readonly isFree: boolean | undefined;
  readonly block: PoolBlock | undefined;
}

/** _POOL_HEADER */
const headerBytes = 0x10n;
/** Bytes of a chunk's header, of the room behind it at the end of a page, and of the block's header; rounded up. */
const mostHeaders = 0x40;
/** Bytes of a block's header that a write through it changes. */
const fewestThrough = 12;
/** Pages behind the damaged one that are looked at together with it. */
const pagesBehind = 2;

/** What the headers of a page of small blocks that make no sense say happened, one for each place. */
export function readHeapDamage(
  system: CrashedSystem,
  report: HeapReport,
  copiedIn: (window: Va) => FindCopied,
): HeapDamage[] {
  const { page } = report;
  const kind = page.range?.kind;
  if (kind !== 'vs' && kind !== 'lfh') return [];
  const reader = new HeapHits(system, report, copiedIn);
  const found: HeapDamage[] = [];
  for (const { start, reason } of page.unexplained) {
    const last = found.at(-1);
    const isExplained = last !== undefined && start < endOf(last);
    if (reason === 'damaged' && !isExplained) found.push(reader.read(start));
  }
  return found;
}

/** Behind the damage, and behind the headers that it hit first. */
function endOf({ damage: { start, length, victim } }: HeapDamage): Va {
  const end = start + BigInt(length);
  const headers = victim.at + headerBytes;
  return end > headers ? end : headers;
}

class HeapHits {
  readonly #system: CrashedSystem;
  readonly #report: HeapReport;
  readonly #copiedIn: (window: Va) => FindCopied;
  readonly #lists: VsContextKnowledge;
  /** Chunks that the tree of free ones leads to, damaged ones too. */
  readonly #free: ReadonlySet<Va>;

  constructor(system: CrashedSystem, report: HeapReport, copiedIn: (window: Va) => FindCopied) {
    this.#system = system;
    this.#report = report;
    this.#copiedIn = copiedIn;
    this.#lists = listsOf(system, report);
    const nodes = this.#lists.problems.filter(({ rule }) => rule === 'vs-tree-node');
    this.#free = new Set([...this.#lists.free, ...nodes.map(({ at }) => at - 8n)]);
  }

  read(start: Va): HeapDamage {
    const { page } = this.#report;
    const front = start & ~0xfn;
    const own = page.blocks.find(({ address, chunk }) => address === front && chunk?.address !== front);
    const isChunk = page.range!.kind === 'vs' && own === undefined;
    const before = this.#before(front);
    const read = this.#window(front, before);
    const [damage, first] = isChunk ? this.#chunkHit(read, front, before) : this.#blockHit(read, front, own);
    return { damage, victims: this.#victims(damage, first) };
  }

  #before(front: Va): HeapBlock | undefined {
    const { page } = this.#report;
    const isAtStart = front === page.address && page.range!.kind === 'vs' && front > page.range!.start;
    return endingAt(isAtStart ? blocksAt(this.#system, front - 1n) : page.blocks, front);
  }

  /** Pages around the damage in one piece, as far as they are there. */
  #window(front: Va, before: HeapBlock | undefined): PageBytes {
    const { memory } = this.#system;
    const first = pageOf(before !== undefined && before.address < front ? before.address : front);
    const from = front - first > BigInt(pageSize) ? pageOf(front) - BigInt(pageSize) : first;
    const end = this.#report.page.range!.end;
    const pages: PageBytes[] = [];
    for (
      let at = from;
      at < end && at <= pageOf(front) + BigInt(pagesBehind * pageSize);
      at += BigInt(pageSize)
    ) {
      const page = readPage(memory, at);
      if (page.mask.includes(0) && at > front) break;
      pages.push(page);
    }
    // Headers at the end of a page may go on in one that is missing.
    const length = Math.max(pages.length * pageSize, Number(front - from) + mostHeaders);
    const bytes = new Uint8Array(length);
    const mask = new Uint8Array(length);
    pages.forEach((page, index) => {
      bytes.set(page.bytes, index * pageSize);
      mask.set(page.mask, index * pageSize);
    });
    return { address: from, bytes, mask, fault: undefined };
  }

  /** The header that the heap keeps in front of a block. */
  #chunkHit(read: PageBytes, front: Va, before: HeapBlock | undefined): [PageDamage, HitBlock] {
    const { page } = this.#report;
    const format = poolFormat(this.#system);
    const expected = page.expected.find(({ at }) => at === front);
    const listed = page.blocks.find(({ chunk }) => chunk?.address === front);
    const told =
      listed?.chunk === undefined
        ? expected
        : {
            at: front,
            previousSize: listed.chunk.previousSize,
            size: listed.chunk.size,
            found: listed.chunk,
          };
    const isFree = this.#free.has(front) || (expected === undefined && listed?.state === 'free');
    const lost = lostChunk(read, front, expected ?? told, format, page, isFree);
    const known = knownChunk(this.#system, read, lost, expected ?? told, page, format);
    const victim = this.#blockAt(lost.block) ?? {
      at: lost.block,
      size: lost.size,
      isFree: isFree ? true : lost.hasHeader || this.#lists.isTreeWhole ? this.#isKept(lost) : undefined,
      block: undefined,
    };
    const own = withoutUnusedBytes(read, front, before);
    const text = withoutRewritten(own, front, told);
    const damage = this.#hit(text, front, Number(lost.block - front), known, before, victim);
    const whole = own === read ? damage : behindCount(ofFormerOwner(damage, front), front, before);
    return [fromBeforeChunk(whole, before, read), victim];
  }

  /** The header of the block alone, as slots of the LFH have no other. */
  #blockHit(read: PageBytes, front: Va, own: HeapBlock | undefined): [PageDamage, HitBlock] {
    const { page } = this.#report;
    const format = poolFormat(this.#system);
    const known = blockHeader(
      read,
      Number(front - read.address),
      { block: front, size: sureSize(own) },
      page,
      format,
    );
    const seen = own === undefined ? undefined : seenBlock(own, page.range!.heap);
    const isTold = seen !== undefined && isPrintableTag(seen.tagValue);
    const victim = {
      at: front,
      size: own?.size,
      isFree: own === undefined ? undefined : own.state === 'free',
      block: seen === undefined || isTold ? seen : { ...seen, tag: '' },
    };
    const before = page.range!.kind === 'lfh' ? this.#before(front) : undefined;
    const damage = this.#hit(read, front, 0, known, before, victim);
    return [page.range!.kind === 'vs' ? this.#throughPadding(damage, front) : damage, victim];
  }

  /**
   * Between the chunk header at the end of a page and the block that begins the next one nobody has anything: what goes through
   * there into the header of the block, past a whole chunk header, was written in front of the block's memory.
   */
  #throughPadding(damage: PageDamage, front: Va): PageDamage {
    const padding = this.#system.target.readBytes(front - headerBytes, Number(headerBytes));
    const isThrough = damage.start === front && damage.length >= fewestThrough && (front & 0xfffn) === 0n;
    const first = padding?.findIndex((byte) => byte !== 0) ?? -1;
    if (!isThrough || first < 0 || damage.shape === 'underrun' || damage.shape === 'bit') return damage;
    const start = front - headerBytes + BigInt(first);
    const rules = damage.rules.filter((rule) => rule !== 'looks-alike' && rule !== 'begins-at-end');
    return {
      ...damage,
      shape: 'underrun',
      block: undefined,
      start,
      payloadStart: start,
      length: Number(front - start),
      rules: [...new Set([...rules, 'ends-at-start'] as const)],
    };
  }

  #hit(
    read: PageBytes,
    front: Va,
    gap: number,
    known: KnownHeader,
    before: HeapBlock | undefined,
    victim: HitBlock,
  ): PageDamage {
    const at = Number(front - read.address);
    const seen = before === undefined ? undefined : this.#seenBefore(before, front);
    const first = before?.data ?? (seen === undefined ? front : seen.address + headerBytes);
    // Bytes in front of a header whose neighbours are whole do not belong to the damage.
    const body = Math.max(0, Number(first - read.address));
    const damaged: DamagedPage = {
      page: this.#asPage(read),
      read,
      format: poolFormat(this.#system),
      tags: [],
      copied: this.#copiedIn(read.address),
      listed: new Set(victim.isFree === true && victim.at === front ? [front] : []),
    };
    const found = readHit(damaged, {
      at,
      length: known.values.length,
      own: at + gap,
      isFramed: true,
      known,
      change: headerChange(read.bytes, at, known),
      before: seen,
      body,
      victim: { at: victim.at, size: victim.size, block: victim.block, front },
    });
    return asBit(read, known, at, found);
  }

  /** Of joined free chunks the block that was the last. */
  #seenBefore(before: HeapBlock, front: Va): PoolBlock {
    const { page } = this.#report;
    const seen = seenBlock(before, page.range!.heap);
    if (before.state !== 'free' || before.chunk === undefined) return seen;
    const former = formerBlock(this.#system, page, before, front - 1n);
    if (former === undefined) return seen;
    const { address, size, tag } = former;
    return { ...seen, address, size: size ?? Number(front - address), tag: tag ?? '' };
  }

  /** What is looked at of a page is its damage: whether one bit explains all of it. */
  #asPage(read: PageBytes): DamagedPage['page'] {
    const { page } = this.#report;
    return {
      address: read.address,
      verdict: page.verdict,
      blocks: [],
      problems: [],
      unexplained: page.unexplained.filter(({ reason }) => reason === 'damaged'),
      expected: [],
      // The encoding changes which bits are set: what is stored tells.
      bitErrors: page.bitErrors.map(({ at, bit }) => {
        const byte = read.bytes[Number(at - read.address) + (bit >> 3)] ?? 0;
        const isSet = (byte >> (bit & 7)) & 1;
        return { at: at & ~0xfn, bit: bit + Number(at & 0xfn) * 8, found: isSet, expected: 1 - isSet };
      }),
      oddTags: [],
      isZeroed: page.isZeroed,
    };
  }

  /** Is a block on a list of those that wait for the next request? */
  #isKept({ at, block }: LostChunk): boolean {
    const { kept } = this.#lists;
    return [at, block, block + headerBytes].some((place) => kept.has(place));
  }

  #blockAt(address: Va): HitBlock | undefined {
    const { blocks, range } = this.#report.page;
    const block = blocks.find((each) => each.address === address);
    if (block === undefined) return undefined;
    const seen = seenBlock(block, range!.heap);
    return {
      at: address,
      size: toldSize(block),
      isFree: block.state !== 'allocated',
      block: isPrintableTag(seen.tagValue) ? seen : { ...seen, tag: '' },
    };
  }

  /** Free chunks whose headers are lost with that of the first. */
  #lostFree({ at }: HitBlock, end: Va): HitBlock[] {
    const { blocks, expected } = this.#report.page;
    return [...this.#free]
      .filter((chunk) => chunk > at && chunk < end && !blocks.some(({ address }) => address === chunk))
      .map((chunk) => ({
        at: chunk,
        size: expected.find((each) => each.at === chunk)?.size,
        isFree: true,
        block: undefined,
      }));
  }

  /** The first, and those behind it up to the end of the damage; of an underrun those in front. */
  #victims({ shape, start, length, victim }: PageDamage, first: HitBlock): HitBlock[] {
    const end = start + BigInt(length);
    const others = this.#report.page.blocks.filter(({ address, size, chunk, state }) => {
      if (address === first.at) return false;
      const front = chunk?.address ?? address;
      const isHit = front < end && address + BigInt(size) > start;
      return isHit && state !== 'unknown' && (shape === 'underrun' ? front < victim.at : front > first.at);
    });
    const hit = [
      ...others.flatMap(({ address }) => this.#blockAt(address) ?? []),
      ...this.#lostFree(first, end),
    ];
    hit.sort((a, b) => (a.at < b.at ? -1 : 1));
    return shape === 'underrun' ? hit.reverse() : [first, ...hit];
  }
}

const endingAt = (blocks: readonly HeapBlock[], end: Va): HeapBlock | undefined =>
  blocks.find(({ address, size }) => address + BigInt(size) === end);

function blocksAt(system: CrashedSystem, va: Va): readonly HeapBlock[] {
  const report = runToEnd(describePool(system, va));
  return report.kind === 'segment-heap' ? report.page.blocks : [];
}

/** A byte that differs in one bit from what it is known to have been. Where not all chunks are there no walk proves that. */
function asBit({ bytes, address }: PageBytes, known: KnownHeader, at: number, found: PageDamage): PageDamage {
  const byte = Number(found.start - address) - at;
  if (found.shape !== 'stray' || found.length !== 1 || known.masks[byte] !== 0xff) return found;
  const difference = bytes[at + byte]! ^ known.values[byte]!;
  if (difference === 0 || (difference & (difference - 1)) !== 0) return found;
  return { ...found, shape: 'bit', pattern: 'bit', rules: [...found.rules, 'one-bit'] };
}

/** What the header of a block has to say. */
const sureSize = (block: HeapBlock | undefined): number | undefined =>
  block?.allocator === 'lfh' || block?.chunk?.hasUnusedBytes === false ? block.size : undefined;

/** What the lists and the tree of the page's heap lead to. */
function listsOf(system: CrashedSystem, { page }: HeapReport): VsContextKnowledge {
  const heaps = provenHeaps(system);
  return typeof heaps === 'string'
    ? { ...noVsKnowledge, problems: [], missing: [] }
    : runToEnd(readHeapLists(system, heaps, page.range!.heap));
}
