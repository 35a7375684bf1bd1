import { readU32, type Va } from '../../base/index.ts';
import {
  blockOffset,
  decodeHeader,
  decodeHeapType,
  type ExpectedChunk,
  type HeapPage,
  isPlaced,
  isPrintableTag,
  type PageBytes,
  type PoolFormat,
  VsCode,
} from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { type KnownHeader, knownHeader } from './known-header.ts';
import { provenHeaps } from './proven-heaps.ts';
import { seenBlock } from './small-pool.ts';

/** A chunk whose header makes no sense, by all that is known of it. */
export interface LostChunk {
  /** Of its header. */
  readonly at: Va;
  /** Of its block's header; of the chunk where it is free. */
  readonly block: Va;
  /** Bytes from `block` on; undefined: not known. */
  readonly size: number | undefined;
  readonly isFree: boolean;
  /** Is the block's own header whole? */
  readonly hasHeader: boolean;
}

/** _HEAP_VS_CHUNK_HEADER, and what a free chunk has at its start. */
const [chunkHeader, freeHeader] = [0x10, 0x20];

/** What a chunk was by its neighbours, and by the header of its block where that is whole. */
export function lostChunk(
  { bytes, address }: PageBytes,
  at: Va,
  expected: ExpectedChunk | undefined,
  format: PoolFormat,
  page: HeapPage,
  isFree: boolean,
): LostChunk {
  if (isFree) return { at, block: at, size: expected?.size, isFree, hasHeader: false };
  const gap = blockOffset(Number(at & 0xfffn)) - Number(at & 0xfffn);
  const block = at + BigInt(gap);
  const offset = Number(block - address);
  const room = expected?.size === undefined ? undefined : expected.size - gap;
  const isThere = offset + format.unit <= bytes.length;
  const header = isThere ? decodeHeader(bytes, offset, format) : undefined;
  const type = header === undefined ? undefined : decodeHeapType(header.type);
  const { isPaged } = page.range!.heap;
  const hasHeader =
    header !== undefined &&
    type?.isValid === true &&
    !type.aligned &&
    (isPaged === undefined || type.paged === isPaged) &&
    header.previousSize === 0 &&
    header.size > 0 &&
    isPrintableTag(header.tag) &&
    (room === undefined || (header.size <= room && header.size + format.unit >= room));
  return { at, block, size: hasHeader ? header.size : room, isFree, hasHeader };
}

/** Everything in front of a block's memory as far as it is known: the chunk's header, and the block's behind it. */
export function knownChunk(
  system: CrashedSystem,
  read: PageBytes,
  lost: LostChunk,
  expected: ExpectedChunk | undefined,
  page: HeapPage,
  format: PoolFormat,
): KnownHeader {
  const at = Number(lost.at - read.address);
  const gap = Number(lost.block - lost.at);
  const length = lost.isFree ? freeHeader : gap + format.unit;
  const known: KnownHeader = { values: new Uint8Array(length), masks: new Uint8Array(length) };
  learnSizes(system, known, lost, expected, page);
  if (lost.isFree) learnNode(read.bytes, at, known);
  else {
    learnStale(read.bytes, at, known, lost);
    learnRest(read, known, page);
    const place = Number(lost.block - read.address);
    const own = lost.hasHeader
      ? asItIs(read.bytes.subarray(place, place + format.unit))
      : blockHeader(read, place, lost, page, format);
    known.values.set(own.values, gap);
    known.masks.set(own.masks, gap);
  }
  return known;
}

/** A header that is whole. */
const asItIs = (bytes: Uint8Array): KnownHeader => ({
  values: bytes,
  masks: new Uint8Array(bytes.length).fill(0xff),
});

/** The encoded sizes, and of a chunk in use the way back to its subsegment. */
function learnSizes(
  system: CrashedSystem,
  known: KnownHeader,
  { at, isFree }: LostChunk,
  expected: ExpectedChunk | undefined,
  { range }: HeapPage,
): void {
  const heaps = provenHeaps(system);
  if (typeof heaps === 'string' || !isPlaced(heaps.keys.heapKey)) return;
  const code = new VsCode(heaps.keys.heapKey.value);
  const low = code.low ^ Number(at & 0xffff_ffffn);
  const high = code.high ^ Number((at >> 32n) & 0xffff_ffffn);
  const units = (bytes: number | undefined) => (bytes === undefined ? undefined : bytes / 16);
  const { values, masks } = known;
  const put = (byte: number, encoded: number, decoded: number, width: number): void => {
    for (let index = 0; index < width; index++) {
      values[byte + index] = ((encoded >>> (8 * index)) ^ (decoded >>> (8 * index))) & 0xff;
      masks[byte + index] = 0xff;
    }
  };
  // A chunk in use costs nothing.
  if (!isFree) put(0, low, 0, 2);
  const [size, previous] = [units(expected?.size), units(expected?.previousSize)];
  if (size !== undefined) put(2, low >>> 16, size, 2);
  if (previous !== undefined) put(4, high, previous, 2);
  put(6, high >>> 16, isFree ? 0 : 1, 2);
  if (!isFree) put(8, low, Number((at & ~0xfffn) - range!.start) >> 12, 1);
}

/** AllocatedChunkBits: UnusedBytes and SkipDuringWalk differ from chunk to chunk. */
const [flagsAt, flags] = [9, 3];
/** Fewest headers that have to agree about bytes of which nothing else is known. */
const fewestAgreeing = 3;

/** What other chunks in use of the page have alike behind that. */
function learnRest(
  { bytes, address }: PageBytes,
  { values, masks }: KnownHeader,
  { blocks }: HeapPage,
): void {
  const places = blocks
    .filter(({ state, chunk }) => state !== 'free' && chunk !== undefined)
    .map(({ chunk }) => Number(chunk!.address - address))
    .filter((at) => at >= 0 && at + chunkHeader <= bytes.length);
  if (places.length < fewestAgreeing) return;
  for (let byte = flagsAt; byte < staleAt; byte++) {
    const mask = byte === flagsAt ? ~flags & 0xff : 0xff;
    const value = bytes[places[0]! + byte]! & mask;
    if (!places.every((at) => (bytes[at + byte]! & mask) === value)) continue;
    values[byte] = value;
    masks[byte] = mask;
  }
}

/**
 * The last four bytes are what was there before: half of a link, mostly, as that of a free chunk has it, or nothing. Anything else
 * was written.
 */
function learnStale(
  bytes: Uint8Array,
  at: number,
  { values, masks }: KnownHeader,
  { at: chunk }: LostChunk,
): void {
  const found = readU32(bytes, at + staleAt);
  const isStale = found === 0 || found === Number((chunk >> 32n) & 0xffff_ffffn);
  for (let byte = staleAt; byte < chunkHeader; byte++) {
    values[byte] = isStale ? bytes[at + byte]! : ~bytes[at + byte]! & 0xff;
    masks[byte] = 0xff;
  }
}

const staleAt = 0xc;

/** Words of a free chunk's node: what can be a link is as it was, anything else is not. */
function learnNode(bytes: Uint8Array, at: number, { values, masks }: KnownHeader): void {
  for (let word = 8; word < freeHeader; word += 8) {
    const [low, high] = [readU32(bytes, at + word), readU32(bytes, at + word + 4)];
    const isParent = word === 0x18;
    const isLink =
      (high === 0 && low === 0) || (high >= 0xffff_8000 && ((isParent ? low & ~3 : low) & 0xf) === 8);
    for (let byte = word; byte < word + 8; byte++) {
      const found = bytes[at + byte]!;
      values[byte] = isLink ? found : ~found & 0xff;
      masks[byte] = 0xff;
    }
  }
}

/** The POOL_HEADER: its index and the process that pays are what was there before. */
export function blockHeader(
  read: PageBytes,
  at: number,
  { block, size }: { readonly block: Va; readonly size: number | undefined },
  { blocks, range }: HeapPage,
  format: PoolFormat,
): KnownHeader {
  const others = blocks
    .filter(({ state, header, address }) => state !== 'free' && header !== undefined && address !== block)
    .map((each) => seenBlock(each, range!.heap));
  const knowledge = {
    tags: new Set(others.map(({ tagValue }) => tagValue)),
    others: new Set<number>(),
    types: others.map(({ type }) => type),
    last: undefined,
  };
  const expected = { at: block, previousSize: 0, size, index: undefined, found: undefined };
  return knownHeader(read, at, format, expected, knowledge);
}
