import { pageSize, readU32, type Va, wrap64 } from '../../base/index.ts';
import type { SearchedKernel } from '../kernel-data.ts';
import { hasBytes, type PageBytes, readPage } from '../page-bytes.ts';
import type { HeapProblem, HeapRange, HeapRangeKind, HeapSegment } from './heap-block.ts';
import type { HeapLayout } from './heap-layout.ts';
import type { PoolHeaps } from './pool-heaps.ts';
import { descriptorCount, findSegment } from './segments.ts';

/** RangeFlags: in use; the first unit of its range; what it is used for. Source: HEAP_SEG_RANGE_TYPE of PDBs; public readers. */
export const rangeFlags = { allocated: 1, first: 2, typeShift: 2 } as const;
/** TreeSignature of the first descriptor of a range in use. */
export const rangeSignature = 0xccdd_ccdd;

const kinds: readonly HeapRangeKind[] = ['range', 'range', 'lfh', 'vs'];

/** The descriptors of a segment, as far as the dump has them. */
export class DescriptorTable {
  readonly segment: HeapSegment;
  readonly #layout: HeapLayout;
  readonly #pages: readonly PageBytes[];

  constructor({ target }: Pick<SearchedKernel, 'target'>, layout: HeapLayout, segment: HeapSegment) {
    this.segment = segment;
    this.#layout = layout;
    const count = Math.min(4, Math.ceil((descriptorCount * layout.descriptor.size) / pageSize));
    this.#pages = Array.from({ length: count }, (_, page) =>
      readPage(target.memory, wrap64(segment.address + BigInt(page * pageSize))),
    );
  }

  has(index: number): boolean {
    const at = this.#at(index);
    const page = this.#pages[Math.floor(at / pageSize)];
    return page !== undefined && hasBytes(page, at % pageSize, this.#layout.descriptor.size);
  }

  address(index: number): Va {
    return wrap64(this.segment.address + BigInt(this.#at(index)));
  }

  flags(index: number): number {
    return this.#byte(index, 'RangeFlags');
  }

  isAllocated(index: number): boolean {
    return (this.flags(index) & rangeFlags.allocated) !== 0;
  }

  isFirst(index: number): boolean {
    return (this.flags(index) & rangeFlags.first) !== 0;
  }

  /** Of a first descriptor: units of its range. */
  units(index: number): number {
    return this.#byte(index, 'UnitSize');
  }

  /** Of another one: units back to the first. */
  back(index: number): number {
    return this.#byte(index, 'UnitOffset');
  }

  committed(index: number): number {
    return this.#byte(index, 'CommittedPageCount');
  }

  signature(index: number): number {
    return this.#word(index, 'TreeSignature');
  }

  unusedBytes(index: number): number {
    return this.#word(index, 'UnusedBytes');
  }

  #byte(index: number, name: 'RangeFlags' | 'UnitSize' | 'UnitOffset' | 'CommittedPageCount'): number {
    const at = this.#at(index) + this.#layout.descriptor[name];
    return this.#pages[Math.floor(at / pageSize)]!.bytes[at % pageSize]!;
  }

  #word(index: number, name: 'TreeSignature' | 'UnusedBytes'): number {
    const at = this.#at(index) + this.#layout.descriptor[name];
    return readU32(this.#pages[Math.floor(at / pageSize)]!.bytes, at % pageSize);
  }

  #at(index: number): number {
    return this.#layout.segment.DescArray + index * this.#layout.descriptor.size;
  }
}

/** A piece of the units of a segment, before it is a range. */
interface Span {
  readonly index: number;
  readonly units: number;
  readonly kind: HeapRangeKind;
  readonly problems: readonly HeapProblem[];
}

/** The ranges of a segment by address, its own header first; 256 at most. Units whose descriptors are missing are `unknown`. */
export function* walkRanges(
  { target }: Pick<SearchedKernel, 'target'>,
  { layout }: PoolHeaps,
  segment: HeapSegment,
): Generator<HeapRange> {
  const table = new DescriptorTable({ target }, layout, segment);
  for (const span of spansOf(table)) yield rangeOf(table, span);
}

function* spansOf(table: DescriptorTable): Generator<Span> {
  const { firstIndex } = table.segment;
  yield { index: 0, units: firstIndex, kind: 'header', problems: [] };
  for (let index = firstIndex; index < descriptorCount; ) {
    const span = spanAt(table, index);
    const units = isLoose(table, span) ? looseUnits(table, span) : span.units;
    yield { ...span, units };
    index += units;
  }
}

/** Free units that no range counts, and missing ones, are told in one piece. */
const isLoose = (table: DescriptorTable, { index, kind, problems }: Span): boolean =>
  problems.length === 0 && (kind === 'unknown' || (kind === 'free' && table.units(index) === 0));

function looseUnits(table: DescriptorTable, first: Span): number {
  let units = 1;
  for (; first.index + units < descriptorCount; units++) {
    const span = spanAt(table, first.index + units);
    if (span.kind !== first.kind || !isLoose(table, span)) break;
  }
  return units;
}

function spanAt(table: DescriptorTable, index: number): Span {
  if (!table.has(index)) return { index, units: 1, kind: 'unknown', problems: [] };
  const flags = table.flags(index);
  const at = table.address(index);
  const counted = table.units(index);
  if (!table.isAllocated(index)) return freeSpan(table, index, counted);
  if (!table.isFirst(index))
    return {
      index,
      units: 1,
      kind: 'unknown',
      problems: [{ rule: 'descriptor-flags', at, found: BigInt(flags) }],
    };
  const rest = descriptorCount - index;
  const problems: HeapProblem[] = [];
  if (flags > 0xf)
    problems.push({ rule: 'descriptor-flags', at, found: BigInt(flags), expected: BigInt(flags & 0xf) });
  const signature = table.signature(index);
  if (signature !== rangeSignature)
    problems.push({
      rule: 'descriptor-signature',
      at,
      found: BigInt(signature),
      expected: BigInt(rangeSignature),
    });
  if (counted === 0 || counted > rest)
    problems.push({
      rule: 'descriptor-size',
      at,
      found: BigInt(counted),
      expected: BigInt(unitsByRest(table, index)),
    });
  const units = counted === 0 || counted > rest ? unitsByRest(table, index) : counted;
  return {
    index,
    units,
    kind: kinds[(flags >>> rangeFlags.typeShift) & 3]!,
    problems: [...problems, ...wrongOffsets(table, index, units)],
  };
}

/** Free units that another range's first unit interrupts end there. */
function freeSpan(table: DescriptorTable, index: number, counted: number): Span {
  const most = Math.min(Math.max(counted, 1), descriptorCount - index);
  let units = 1;
  while (units < most && table.has(index + units) && !table.isAllocated(index + units)) units++;
  const problems: HeapProblem[] =
    units < counted && (index + units === descriptorCount || table.has(index + units))
      ? [
          {
            rule: 'descriptor-size',
            at: table.address(index),
            found: BigInt(counted),
            expected: BigInt(units),
          },
        ]
      : [];
  return { index, units, kind: 'free', problems };
}

/** As many units as say that they belong to the first. */
function unitsByRest(table: DescriptorTable, index: number): number {
  let units = 1;
  while (index + units < descriptorCount && table.has(index + units) && belongs(table, index, index + units))
    units++;
  return units;
}

const belongs = (table: DescriptorTable, first: number, index: number): boolean =>
  table.isAllocated(index) && !table.isFirst(index) && table.back(index) === index - first;

function wrongOffsets(table: DescriptorTable, first: number, units: number): HeapProblem[] {
  const problems: HeapProblem[] = [];
  for (let index = first + 1; index < first + units && index < descriptorCount; index++) {
    if (!table.has(index) || belongs(table, first, index)) continue;
    const found = BigInt(table.isAllocated(index) ? table.back(index) : 0);
    problems.push({
      rule: 'descriptor-offset',
      at: table.address(index),
      found,
      expected: BigInt(index - first),
    });
  }
  return problems;
}

function rangeOf(table: DescriptorTable, { index, units, kind, problems }: Span): HeapRange {
  const { segment } = table;
  const start = wrap64(segment.address + BigInt(index * 2 ** segment.unitShift));
  const isInUse = kind === 'vs' || kind === 'lfh' || kind === 'range';
  const isTold = isInUse || kind === 'free';
  return {
    kind,
    start,
    end: wrap64(start + BigInt(units * 2 ** segment.unitShift)),
    heap: segment.heap,
    segment,
    descriptor: isTold ? table.address(index) : undefined,
    index: kind === 'unknown' ? undefined : index,
    flags: isTold ? table.flags(index) : undefined,
    unitCount: isTold ? units : undefined,
    committedPages: isInUse ? table.committed(index) : undefined,
    unusedBytes: kind === 'range' ? unusedOf(table, index, units) : undefined,
    problems,
  };
}

/** More than the range has is damage, and counts nothing. */
function unusedOf(table: DescriptorTable, index: number, units: number): number | undefined {
  const unused = table.unusedBytes(index);
  return unused < units * 2 ** table.segment.unitShift ? unused : undefined;
}

/**
 * The range of pages that an address is in; undefined: no segment of a heap has it. Descriptors are read from the segment's first
 * one on, so that one that leads astray does not.
 */
export function findHeapRange(kernel: SearchedKernel, heaps: PoolHeaps, va: Va): HeapRange | undefined {
  const segment = findSegment(kernel, heaps, va);
  if (segment === undefined) return undefined;
  for (const range of walkRanges(kernel, heaps, segment))
    if (va >= range.start && va < range.end) return range;
  return undefined;
}
