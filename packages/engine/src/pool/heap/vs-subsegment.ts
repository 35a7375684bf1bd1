import { readU16, readU64, type Va, wrap64 } from '../../base/index.ts';
import type { Chain } from '../chains.ts';
import type { SearchedKernel } from '../kernel-data.ts';
import { isPlaced } from '../placed.ts';
import type {
  ExpectedChunk,
  HeapBitError,
  HeapExtent,
  HeapProblem,
  HeapRange,
  VsChunk,
} from './heap-block.ts';
import type { PoolHeaps } from './pool-heaps.ts';
import { anchorsIn } from './vs-anchors.ts';
import { findVsBitErrors } from './vs-bit-errors.ts';
import { readVsBytes, type VsBytes } from './vs-bytes.ts';
import { type Anchors, findVsChains } from './vs-chains.ts';
import { hasLinks, isSubsegment, subsegmentSecret, VsCode, vsUnit } from './vs-code.ts';
import { chunkAt, type VsText, vsSeams } from './vs-seams.ts';
import { firstUnit, VsTest } from './vs-test.ts';

/** A VS subsegment: chunks one behind the other. */
export interface VsSubsegment {
  readonly address: Va;
  /** Behind its last chunk. */
  readonly end: Va;
  /** How its size is known, as half a sentence. */
  readonly sizeFrom: string;
  /** By address; where headers are damaged or missing, those that others confirm. */
  readonly chunks: readonly VsChunk[];
  /** Bytes of each: as its header says, or where that is damaged as what follows says. */
  readonly sizes: readonly number[];
  readonly problems: readonly HeapProblem[];
  readonly unexplained: readonly HeapExtent[];
  readonly expected: readonly ExpectedChunk[];
  readonly bitErrors: readonly HeapBitError[];
  /** Its bytes as far as the dump has them. */
  readonly memory: VsBytes;
}

/** What else is known of the chunks of a heap. */
export interface VsKnowledge {
  /** Addresses of chunks that the tree of free ones leads to. */
  readonly free: ReadonlySet<Va>;
  /** Was the whole tree walked, so that a chunk that is not in it is none of its? */
  readonly isTreeWhole: boolean;
  /** Blocks that lists keep, by the address of their chunk, header or data, each with where, as half a sentence. */
  readonly kept: ReadonlyMap<Va, string>;
}

export const noVsKnowledge: VsKnowledge = { free: new Set(), isTreeWhole: false, kept: new Map() };

/** Reads the VS subsegment in a range; else says, as half a sentence, why it cannot. */
export function readVsSubsegment(
  { target }: Pick<SearchedKernel, 'target'>,
  heaps: PoolHeaps,
  range: HeapRange,
  knowledge: VsKnowledge = noVsKnowledge,
): VsSubsegment | string {
  const { heapKey } = heaps.keys;
  if (range.kind !== 'vs') return 'it is no range of VS';
  if (!isPlaced(heapKey)) return `the heap key is not known: ${heapKey}`;
  const sub = readVsBytes(target.memory, range.start, Number(range.end - range.start));
  const code = new VsCode(heapKey.value);
  const { end, from, problems } = findEnd(sub, code, heaps, range);
  const hasPlainNodes = !isTreeEncoded({ target }, heaps, range.heap.address);
  return examineVs({ sub, code, end, hasPlainNodes }, anchorsIn(sub, knowledge), from, problems);
}

/** Bit 0 of the second pointer of a tree says that its links are exclusive-or'ed with something. */
export function isTreeEncoded(
  { target }: Pick<SearchedKernel, 'target'>,
  { layout }: PoolHeaps,
  heap: Va,
): boolean {
  const smallest = wrap64(heap + BigInt(layout.heap.VsContext + layout.vs.FreeChunkTree + 8));
  return ((target.readBytes(smallest, 1)?.[0] ?? 0) & 1) !== 0;
}

interface FoundEnd {
  readonly end: number;
  readonly from: string;
  readonly problems: readonly HeapProblem[];
}

/** The end by the subsegment's header; where that is damaged or missing, one to which chunks lead, else that of the range. */
function findEnd(sub: VsBytes, code: VsCode, { layout }: PoolHeaps, { start, segment }: HeapRange): FoundEnd {
  const { Size, Signature } = layout.subsegment;
  const isThere = sub.present[Size / vsUnit] === 1;
  const size = isThere ? readU16(sub.bytes, Size) : 0;
  const signature = isThere ? readU16(sub.bytes, Signature) : 0;
  const most = sub.present.length;
  const at = wrap64(start + BigInt(Size));
  const fits = firstUnit + size <= most;
  if (isThere && isSubsegment(size, signature) && size > 0 && fits)
    return { end: firstUnit + size, from: 'its header', problems: [] };
  const unit = 2 ** (segment?.unitShift ?? 12) / vsUnit;
  const test = new VsTest(code, false);
  // The range of a subsegment is a unit longer in newer builds.
  const ends = [...(isThere && size > 0 && fits ? [firstUnit + size] : []), most - unit, most];
  const proven = ends.find((end) => end > firstUnit && test.walk(sub, end));
  const end = proven ?? Math.max(firstUnit, ends.at(-2)!);
  const how = proven === undefined ? 'its range' : 'chunks that lead to its end';
  if (!isThere) return { end, from: `${how}: its header is not in this dump`, problems: [] };
  if (isSubsegment(size, signature) && size > 0)
    return {
      end,
      from: how,
      problems: [{ rule: 'vs-range', at, found: bytesOf(size), expected: bytesOf(end - firstUnit) }],
    };
  const found = BigInt(size) | (BigInt(signature) << 16n);
  const problem: HeapProblem = { rule: 'vs-signature', at, found };
  if (proven === undefined) return { end, from: how, problems: [problem] };
  const right = proven - firstUnit;
  const mark = ((right ^ subsegmentSecret) & 0x7fff) | (signature & 0x8000);
  return { end, from: how, problems: [{ ...problem, expected: BigInt(right) | (BigInt(mark) << 16n) }] };
}

const bytesOf = (units: number): bigint => BigInt(units * vsUnit);

/** The same of bytes alone. `from` and `known` are what was found out about its end. */
export function examineVs(
  text: VsText,
  anchors: Anchors,
  from: string,
  known: readonly HeapProblem[],
): VsSubsegment {
  const { sub, end, code, hasPlainNodes } = text;
  const base = { address: sub.address, end: sub.address + bytesOf(end), sizeFrom: from, memory: sub };
  const test = new VsTest(code, hasPlainNodes);
  if (test.walk(sub, end)) {
    const starts = [...test.starts.subarray(0, test.count)];
    const chunks = starts.map((unit) => chunkAt(text, unit)!);
    const bitErrors = known.flatMap(signatureBit);
    const sizes = chunks.map(({ size }) => size);
    return { ...base, chunks, sizes, problems: known, unexplained: [], expected: [], bitErrors };
  }
  const chains = findVsChains(text, anchors);
  const chunks = chains.flatMap(({ offsets }) => offsets.map((unit) => chunkAt(text, unit)!));
  const seams = vsSeams(text, chains);
  const own = ownProblems(text, chains, chunks);
  const problems = [...known, ...seams.problems, ...own].sort((a, b) =>
    a.at < b.at ? -1 : a.at > b.at ? 1 : 0,
  );
  return {
    ...base,
    chunks,
    sizes: sizesOf(chunks, seams.expected),
    problems,
    unexplained: [...seams.unexplained, ...own.map(extentOf)].sort((a, b) => (a.start < b.start ? -1 : 1)),
    expected: seams.expected,
    bitErrors:
      known.length > 0 || problems.length === 0 ? [] : findVsBitErrors(text, chains, unitsOf(sub, own)),
  };
}

/** A chunk ends where the next begins at the latest. */
function sizesOf(chunks: readonly VsChunk[], expected: readonly ExpectedChunk[]): number[] {
  const told = new Map(expected.map(({ at, size }) => [at, size]));
  return chunks.map(({ address, size }, index) => {
    const next = chunks[index + 1]?.address;
    const room = next === undefined ? size : Math.min(size, Number(next - address));
    return told.get(address) ?? room;
  });
}

const unitsOf = ({ address }: VsBytes, problems: readonly HeapProblem[]): number[] =>
  problems.map(({ at }) => Number(at - address) >> 4);

/** The header, or the links of a free chunk behind its sizes. */
const extentOf = ({ rule, at }: HeapProblem): HeapExtent =>
  rule === 'vs-links'
    ? { start: at, end: at + 0x18n, reason: 'damaged' }
    : { start: at & ~0xfn, end: (at & ~0xfn) + 0x10n, reason: 'damaged' };

/** What headers have wrong that agree about sizes. */
function ownProblems(
  { sub, hasPlainNodes }: VsText,
  chains: readonly Chain[],
  chunks: readonly VsChunk[],
): HeapProblem[] {
  const problems: HeapProblem[] = [];
  for (const { address, allocated, pageOffset, previousSize } of chunks) {
    const offset = Number(address - sub.address);
    if (allocated > 1)
      problems.push({ rule: 'vs-allocated', at: address, found: BigInt(allocated), expected: 1n });
    else if (pageOffset !== undefined && pageOffset !== offset >> 12)
      problems.push({
        rule: 'vs-page-offset',
        at: address + 8n,
        found: BigInt(pageOffset),
        expected: BigInt(offset >> 12),
      });
    if (
      allocated === 0 &&
      hasPlainNodes &&
      sub.present[offset / vsUnit + 1] === 1 &&
      !hasLinks(sub.words, offset / 4)
    )
      problems.push({ rule: 'vs-links', at: address + 8n, found: readU64(sub.bytes, offset + 8) });
    if (offset === firstUnit * vsUnit && previousSize !== 0 && chains[0]?.first === firstUnit)
      problems.push({ rule: 'vs-previous-size', at: address, found: BigInt(previousSize), expected: 0n });
  }
  return problems;
}

/** One bit of size and signature of a subsegment, where it is known what both were. */
function signatureBit({ rule, at, found, expected }: HeapProblem): HeapBitError[] {
  if (rule !== 'vs-signature' || found === undefined || expected === undefined) return [];
  const wrong = Number(found ^ expected);
  if (wrong === 0 || (wrong & (wrong - 1)) !== 0) return [];
  const bit = 31 - Math.clz32(wrong);
  const isSize = bit < 16;
  const part = (value: bigint): number =>
    Number(isSize ? value & 0xffffn : value >> 16n) * (isSize ? vsUnit : 1);
  return [{ at, bit, field: isSize ? 'Size' : 'Signature', found: part(found), expected: part(expected) }];
}
