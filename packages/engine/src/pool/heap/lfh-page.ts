import { pageOf, pageSize, readU16, type Va } from '../../base/index.ts';
import type { ObjectKernel } from '../../windows/index.ts';
import { type PoolFormat, poolFormat } from '../format.ts';
import { decodeHeader, isPrintableTag, tagText } from '../header.ts';
import type { PageVerdict } from '../page.ts';
import { hasBytes, isZeroed, type PageBytes, readPage } from '../page-bytes.ts';
import { findAlignedHeader } from './aligned-header.ts';
import { headerBitErrors } from './header-bit-errors.ts';
import type { HeapBitError, HeapBlock, HeapExtent, HeapPage, HeapProblem, HeapRange } from './heap-block.ts';
import { brokenHeaderRules, type HeaderLimits } from './heap-header.ts';
import { crossesPage } from './lfh-offsets.ts';
import { type LfhReading, type LfhSubsegment, readLfhSubsegment, slotAddress } from './lfh-subsegment.ts';

/** How blocks of the LFH are read. */
export interface LfhPageReading extends LfhReading {
  /** nt!ExpPoolQuotaCookie, where it is known: proves second headers. */
  readonly cookie?: bigint | undefined;
}

/**
 * The page of `va` in an LFH range: its blocks, whose places follow from the subsegment's header alone, so that damage hides
 * none of them.
 */
export function readLfhPage(
  kernel: ObjectKernel,
  range: HeapRange,
  va: Va,
  reading: LfhPageReading,
): HeapPage {
  return pageWith(kernel, range, va, readLfhSubsegment(kernel, range, reading), reading);
}

/** All pages of an LFH range, whose subsegment is read once. */
export function* walkLfhPages(
  kernel: ObjectKernel,
  range: HeapRange,
  reading: LfhPageReading,
): Generator<HeapPage> {
  const subsegment = readLfhSubsegment(kernel, range, reading);
  for (let va = range.start; va < range.end; va += BigInt(pageSize))
    yield pageWith(kernel, range, va, subsegment, reading);
}

function pageWith(
  kernel: ObjectKernel,
  range: HeapRange,
  va: Va,
  subsegment: LfhSubsegment | string,
  { cookie }: LfhPageReading,
): HeapPage {
  const bytes = readPage(kernel.target.memory, pageOf(va));
  if (typeof subsegment === 'string')
    return {
      ...nothing(bytes, range),
      verdict: bytes.mask.includes(1) ? 'unrecognized' : 'missing',
      why: subsegment,
      problems: range.problems,
    };
  const page = examineLfhPage(bytes, poolFormat(kernel), subsegment, range.heap.isPaged, cookie);
  const problems = [...range.problems, ...page.problems];
  return {
    ...nothing(bytes, range),
    ...page,
    problems,
    why: undefined,
    verdict: verdictOf(bytes, page, problems),
  };
}

const nothing = (bytes: PageBytes, range: HeapRange) => ({
  address: bytes.address,
  range,
  blocks: [],
  unexplained: [],
  expected: [],
  bitErrors: [],
  isZeroed: isZeroed(bytes),
});

/** What the page itself has. */
export type LfhPagePart = Pick<HeapPage, 'blocks' | 'problems' | 'unexplained' | 'bitErrors'>;

function verdictOf(
  { mask }: PageBytes,
  { blocks, unexplained }: LfhPagePart,
  problems: readonly HeapProblem[],
): PageVerdict {
  if (!mask.includes(1)) return 'missing';
  if (problems.length > 0) return 'damaged';
  const lacks = unexplained.length > 0 || blocks.some(({ state }) => state === 'unknown');
  return lacks ? 'incomplete' : 'whole';
}

/** The same of bytes alone. Problems of the subsegment's header are told on every page. */
export function examineLfhPage(
  page: PageBytes,
  format: PoolFormat,
  subsegment: LfhSubsegment,
  paged: boolean | undefined,
  cookie?: bigint,
): LfhPagePart {
  const slots = slotsOf(subsegment, page.address);
  const read = slots.map((slot) => new SlotReader(page, format, subsegment, slot, { paged, cookie }).read());
  const own = read.flatMap(({ problems }) => problems);
  return {
    blocks: read.map(({ block }) => block),
    problems: [...subsegment.problems, ...own],
    unexplained: joinExtents(
      read.flatMap(({ extent }) => extent ?? []),
      subsegment.offsets.blockSize,
    ),
    // Damage by one bit is in one header.
    bitErrors: countDamaged(read) === 1 ? read.flatMap(({ bitErrors }) => bitErrors) : [],
  };
}

const countDamaged = (read: readonly { readonly problems: readonly HeapProblem[] }[]): number =>
  read.filter(({ problems }) => problems.length > 0).length;

/** Blocks that are in the page; those that cross a page are none. */
function slotsOf({ address, offsets, header, end }: LfhSubsegment, page: Va): number[] {
  if (page < address || page >= end) return [];
  const before = Number(page - address) - offsets.firstBlock;
  const slots: number[] = [];
  for (
    let slot = Math.max(0, Math.ceil(before / offsets.blockSize));
    slot < header.blockCount && slot * offsets.blockSize < before + pageSize;
    slot++
  )
    if (!crossesPage(offsets, slot)) slots.push(slot);
  return slots;
}

interface ReadSlot {
  readonly block: HeapBlock;
  readonly problems: readonly HeapProblem[];
  readonly extent: HeapExtent | undefined;
  readonly bitErrors: readonly HeapBitError[];
}

class SlotReader {
  readonly #page: PageBytes;
  readonly #format: PoolFormat;
  readonly #subsegment: LfhSubsegment;
  readonly #slot: number;
  readonly #known: { readonly paged: boolean | undefined; readonly cookie: bigint | undefined };
  readonly #address: Va;
  readonly #at: number;

  constructor(
    page: PageBytes,
    format: PoolFormat,
    subsegment: LfhSubsegment,
    slot: number,
    known: { readonly paged: boolean | undefined; readonly cookie: bigint | undefined },
  ) {
    this.#page = page;
    this.#format = format;
    this.#subsegment = subsegment;
    this.#slot = slot;
    this.#known = known;
    this.#address = slotAddress(subsegment, slot);
    this.#at = Number(this.#address - page.address);
  }

  read(): ReadSlot {
    const block = this.#block();
    // Nobody relies on what is in a free one.
    const extent = block.state === 'free' ? undefined : this.#missing();
    const problems = block.state === 'allocated' ? this.#problems(block) : [];
    if (problems.length === 0) return { block, problems, extent, bitErrors: [] };
    return {
      block,
      problems,
      extent: { start: this.#address, end: this.#address + BigInt(this.#format.unit), reason: 'damaged' },
      bitErrors: headerBitErrors(this.#page, this.#format, this.#at, this.#limits()),
    };
  }

  #limits(): HeaderLimits {
    return { size: this.#subsegment.offsets.blockSize, paged: this.#known.paged };
  }

  #block(): HeapBlock {
    const { unit } = this.#format;
    const { bitmap, offsets } = this.#subsegment;
    const isBusy = bitmap.isBusy(this.#slot);
    const header = hasBytes(this.#page, this.#at, unit)
      ? decodeHeader(this.#page.bytes, this.#at, this.#format)
      : undefined;
    const aligned = isBusy === true ? this.#aligned() : undefined;
    return {
      address: this.#address,
      size: offsets.blockSize,
      allocator: 'lfh',
      state: isBusy === undefined ? 'unknown' : isBusy ? 'allocated' : 'free',
      tag: header === undefined ? undefined : tagText(header.tag),
      tagValue: header?.tag,
      header,
      data: (aligned?.address ?? this.#address) + BigInt(unit),
      chunk: undefined,
      slot: this.#slot,
      requested: this.#requested(),
      cachedIn: undefined,
    };
  }

  #aligned() {
    return findAlignedHeader(this.#page, this.#format, this.#at, this.#known.cookie);
  }

  /** Unused bytes are counted in the last two of a block, where a bit of the bitmap says so. */
  #requested(): number | undefined {
    const { bitmap, offsets } = this.#subsegment;
    const last = this.#at + offsets.blockSize - 2;
    if (!bitmap.hasUnusedBytes(this.#slot) || !hasBytes(this.#page, last, 2)) return undefined;
    const info = readU16(this.#page.bytes, last);
    const unused = (info & oneByteUnused) === 0 ? info & unusedMask : 1;
    const requested = offsets.blockSize - this.#format.unit - unused;
    return requested < 0 ? undefined : requested;
  }

  #problems({ header, address }: HeapBlock): HeapProblem[] {
    if (header === undefined) return [];
    const values = {
      'header-size': [header.size, this.#subsegment.offsets.blockSize],
      'header-previous-size': [header.previousSize, 0],
      'header-type': [header.type, undefined],
    } as const;
    const rules = brokenHeaderRules(header, this.#limits());
    const problems = rules.map((rule): HeapProblem => {
      const [found, expected] = values[rule];
      const base = { rule, at: address, found: BigInt(found) };
      return expected === undefined ? base : { ...base, expected: BigInt(expected) };
    });
    // Some drivers have such tags; only with other damage it is a sign of more.
    if (problems.length > 0 && !isPrintableTag(header.tag))
      problems.push({ rule: 'header-tag', at: address, found: BigInt(header.tag) });
    const aligned = this.#aligned();
    if (problems.length === 0 && aligned !== undefined && aligned.wrong.length > 0)
      problems.push({ rule: 'header-aligned', at: aligned.address });
    return problems;
  }

  #missing(): HeapExtent | undefined {
    const { unit } = this.#format;
    if (hasBytes(this.#page, this.#at, unit)) return undefined;
    const end = this.#address + BigInt(this.#subsegment.offsets.blockSize);
    return { start: this.#address, end, reason: 'missing' };
  }
}

/** _HEAP_LFH_UNUSED_BYTES_INFO. */
const oneByteUnused = 0x8000;
const unusedMask = 0x3fff;

/** Damaged headers of neighbours are one extent: what lies between them was written over too. Missing ones likewise. */
function joinExtents(extents: readonly HeapExtent[], blockSize: number): HeapExtent[] {
  const joined: HeapExtent[] = [];
  for (const extent of extents) {
    const last = joined.at(-1);
    if (last !== undefined && last.reason === extent.reason && extent.start - last.end < BigInt(blockSize))
      joined[joined.length - 1] = { ...last, end: extent.end };
    else joined.push(extent);
  }
  return joined;
}
