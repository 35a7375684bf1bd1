import { pageSize, type Va } from '../../base/index.ts';
import type { BitError, ExpectedHeader, UnexplainedExtent } from '../../pool/index.ts';
import { canContinue, islandBefore, looksLikeBitMap, looksLikeElement } from './continuation.ts';
import {
  type DamagedPage,
  type DamageRule,
  isKernelWord,
  offsetIn,
  type PageDamage,
  spanOf,
} from './damage-span.ts';
import { lineSize, sectorSize } from './dense-run.ts';
import { explaining, fewestOutside, type Hit, infrontOfWhole, isText, payloadOf } from './hit-payload.ts';
import {
  type HeaderChange,
  headerChange,
  headerKnowledge,
  isToUnknown,
  isUnchanged,
  type KnownHeader,
  knownEnd,
  knownHeader,
  tagAt,
} from './known-header.ts';
import { isPrintable, type Payload } from './payload.ts';
import { shrunkBit, shrunkBlock } from './shrunk-block.ts';

/** Where the headers of a page stop making sense: whose write that was, by what stands there. */
export function readHeaderHit(damaged: DamagedPage, extent: UnexplainedExtent): PageDamage {
  const shrunk = shrunkBlock(damaged, extent);
  if (shrunk !== undefined) return shrunk;
  const hit = findHit(damaged, extent.start);
  const found = readHit(damaged, hit);
  // Data ends with a page by chance; a block that one bit has made smaller ends there for sure.
  const isToEnd = found.shape === 'overrun' && found.pattern === 'mixed' && endsWithPage(found);
  const bit = isToEnd ? shrunkBit(damaged, extent) : undefined;
  if (bit !== undefined) return bit;
  return { ...found, isListed: damaged.listed.has(hit.victim.at) };
}

const endsWithPage = ({ start, length }: PageDamage): boolean =>
  (start + BigInt(length)) % BigInt(pageSize) === 0n;

/** The same of a header that was found. */
export function readHit(damaged: DamagedPage, hit: Hit): PageDamage {
  const { victim, at, change, isFramed } = hit;
  const rules: readonly DamageRule[] = isFramed ? ['headers-frame-it'] : [];
  const payload = infrontOfWhole(hit, explaining(hit, payloadOf(damaged, hit)));
  const isContinued = payload !== undefined && payload.start < at && !isFewZeros(hit, payload);
  const bit = isContinued ? undefined : oneBit(damaged, hit);
  if (bit !== undefined) return { ...bit, victim, rules: [...rules, ...bit.rules] };
  if (change !== undefined && payload === undefined && isOfBits(damaged, hit))
    return {
      ...spanOf(damaged, 'overrun', [at + change.first, at + change.end]),
      victim,
      rules: [...rules, 'looks-alike'],
    };
  if (change !== undefined && payload === undefined && isUpToMemory(damaged, hit, change))
    return {
      ...spanOf(damaged, 'underrun', [at + change.first, hit.own]),
      victim,
      rules: [...rules, 'ends-at-start'],
    };
  if (change !== undefined && payload === undefined && isAmid(damaged, change, hit))
    return { ...spanOf(damaged, 'stray', [at + change.first, at + change.end]), victim, rules };
  const found = payload === undefined ? withoutPayload(damaged, hit) : withPayload(damaged, hit, payload);
  return {
    ...overLinks(damaged, hit, found),
    victim,
    rules: [...rules, ...found.rules],
  };
}

type Reading = Omit<PageDamage, 'victim'>;

function findHit(damaged: DamagedPage, start: Va): Hit {
  const { page, read, format, tags } = damaged;
  const at = offsetIn(damaged, start);
  const expected = page.expected.find(({ at: place }) => place === start);
  const before = page.blocks.find(({ address, size }) => address + BigInt(size) === start);
  const block = page.blocks.find(({ address }) => address === start);
  const others = page.blocks.filter(({ address }) => address !== start);
  const known = knownHeader(
    read,
    at,
    format,
    toEnd(damaged, expected),
    headerKnowledge(read, others, format, tags),
  );
  return {
    at,
    length: format.unit,
    own: at,
    isFramed: expected !== undefined,
    known,
    change: headerChange(read.bytes, at, known),
    before,
    // What looks the same in the header of a whole block does not belong to it.
    body: before === undefined ? 0 : offsetIn(damaged, before.address) + format.unit,
    victim: { at: start, size: expected?.size, block },
  };
}

/** Where no header makes sense any more up to the end of the page, the last block is taken to reach there. */
function toEnd({ page }: DamagedPage, expected: ExpectedHeader | undefined): ExpectedHeader | undefined {
  if (expected === undefined || expected.size !== undefined) return expected;
  const end = expected.at - (expected.at % BigInt(pageSize)) + BigInt(pageSize);
  const isLast = page.blocks.every(({ address }) => address <= expected.at || address >= end);
  return isLast
    ? { ...expected, size: pageSize - (Number(expected.at - page.address) % pageSize) }
    : expected;
}

/** A header that was hit from its first byte on: by the block before it, or by its own from behind. */
function withPayload(damaged: DamagedPage, hit: Hit, payload: Payload): Reading {
  const { at, before, body } = hit;
  const { start } = payload;
  const end = trimmedEnd(damaged, hit, payload);
  // A block that is free has links of the allocator's in its first bytes.
  const mostLinks = before === undefined || before.state === 'allocated' ? 0 : damaged.format.unit;
  const isFromStart = before !== undefined && start >= body && start <= body + mostLinks;
  // Text or pointers behind other data of a block in use have run out of it, if more than the first of them are in there.
  const isOwnText =
    (isText(payload) || payload.pattern === 'pointers') &&
    before?.state === 'allocated' &&
    at - start >= fewestOwn &&
    isBehindData(damaged, start, body);
  const isUnder = payload.end === at + hit.length && start < at && !isFromStart && !isOwnText;
  // Zeros are what memory is full of: they tell nothing of the side that they came from.
  if (payload.pattern === 'zeros' && isFromAnySide(hit, payload, mostLinks))
    return { ...spanOf(damaged, 'overrun', [at, end], payload), rules: ['looks-alike'] };
  if (isOfDevice(hit, payload)) return spanOf(damaged, 'stray', [start, end], payload);
  if (isOfLine(hit, payload))
    return { ...spanOf(damaged, 'stray', [start, end], payload), rules: ['looks-alike'] };
  if (isUnder && payload.goesOn !== true && !isListed(damaged, hit)) {
    const [first, last] = withoutZeros(damaged, start, hit.own, payload);
    const isInUse = before?.state === 'allocated';
    // An address or so in front is anybody's.
    const isAnybodys = isInUse && payload.pattern === 'pointers' && at - start < fewestOwn;
    // Between two blocks in use it may be the end of the one or the start of the other.
    const isBetween = isInUse && hit.own > at;
    const doubt: DamageRule[] = isBetween || isAnybodys ? ['looks-alike'] : [];
    const rules: DamageRule[] = isAnybodys ? doubt : ['ends-at-start', ...doubt];
    return { ...spanOf(damaged, 'underrun', [first, last], payload), rules };
  }
  if (isFrontUnknown(damaged, hit))
    return { ...spanOf(damaged, 'overrun', [at, end], payload), rules: ['looks-alike'] };
  // One who writes past its block may have given it back since.
  const isInUse = before?.state === 'allocated';
  if (before === undefined || (!isInUse && start >= at && end - at <= mostStray))
    return elementHit(damaged, hit, end) ?? spanOf(damaged, 'stray', [at, end], payload);
  const isWhole = start === at && payload.end >= at + hit.length;
  if (!isInUse && isWhole && hit.own > at && !isListed(damaged, hit))
    return { ...spanOf(damaged, 'underrun', [at, hit.own], payload), rules: ['looks-alike'] };
  if (start >= at && isHeapsOwn(hit, end))
    return elementHit(damaged, hit, end) ?? spanOf(damaged, 'stray', [at, end], payload);
  // Addresses and elements that begin in the header may be the block's own, and the header hit by something else.
  const isOwn = start > at && (payload.pattern === 'mixed' || payload.pattern === 'pointers');
  const isAlike = isOwn || (start >= at && hit.own > at && end <= hit.own && payload.pattern === 'mixed');
  // Whoever copies past the end of a block copies its last bytes too: what stands elsewhere begins here, and is of another kind.
  if (isAlike && payload.goesOn !== true && !canContinue(damaged.read.bytes, body, at, end))
    return (
      elementHit(damaged, hit, end) ?? {
        ...spanOf(damaged, 'stray', [at, end], payload),
        rules: ['looks-alike'],
      }
    );
  const rules: DamageRule[] = isAlike ? ['looks-alike'] : isInUse ? ['begins-at-end'] : [];
  if (start < at) rules.push('unbroken-from-inside');
  if (start === body) rules.push('from-first-byte');
  const first = payload.goesOn === true ? at : trimmedStart(damaged, hit, payload);
  return { ...spanOf(damaged, 'overrun', [first, end], payload), rules, block: before };
}

/** Do zeros end with a header, or begin in front of it where others may have stood? Not a NUL behind them. */
const isFromAnySide = ({ at, body, length }: Hit, { start, end }: Payload, mostLinks: number): boolean =>
  start < at && (end === at + length || (start > body + mostLinks && end - at >= fewestOutside));

/** Does a payload fill whole pieces of memory, and begin behind other data? */
const isPieces = ({ body, before }: Hit, { start, end }: Payload, size: number): boolean =>
  before !== undefined && start > body && start % size === 0 && end % size === 0;

/** Sectors are what a device writes. */
const isOfDevice = (hit: Hit, payload: Payload): boolean => isPieces(hit, payload, sectorSize);

/** One line is what memory gets wrong that fails; so many bytes of somebody's data may stand there by chance. */
const isOfLine = (hit: Hit, payload: Payload): boolean =>
  payload.goesOn !== true && payload.end - payload.start === lineSize && isPieces(hit, payload, lineSize);

/** Is what stands in front of a header not in the dump, or on another page? Then nothing tells whether the write came from there. */
const isFrontUnknown = ({ read }: DamagedPage, { at, before }: Hit): boolean =>
  before === undefined && (at === 0 || read.mask[at - 1] !== 1);

/** A write of more bytes than a pointer has is one of a structure or an array: seldom one through a stray pointer. */
const mostStray = 8;

/** Bytes that are none of those: the rest of a write to the block before, or what one had in front of its own, or neither. */
function withoutPayload(damaged: DamagedPage, hit: Hit): Reading {
  const { at, own, length, known, before, body, change } = hit;
  const { bytes } = damaged.read;
  const end = at + (change?.end ?? length);
  const isShort = end - at <= mostStray && !isToUnknown(bytes, hit, end - at);
  const isInUse = before?.state === 'allocated';
  if (isFrontUnknown(damaged, hit))
    return { ...spanOf(damaged, 'overrun', [at, end]), rules: ['looks-alike'] };
  const element = elementHit(damaged, hit, end);
  if (element !== undefined) return element;
  const isBeside = before === undefined || (!isInUse && isShort) || isHeapsOwn(hit, end);
  if (isBeside) return spanOf(damaged, 'stray', [at, end]);
  const isWhole = end - at >= knownEnd(known, length) - byChance;
  const isFree = isListed(damaged, hit);
  const island = isInUse && !isFree ? islandBefore(bytes, body, at) : undefined;
  if (island !== undefined && isWhole)
    return { ...spanOf(damaged, 'underrun', [island, own]), rules: ['looks-alike'] };
  if (!isInUse && isWhole && !isFree && own > at) {
    const start = islandBefore(bytes, body, at, zerosInFree) ?? at;
    return { ...spanOf(damaged, 'underrun', [start, own]), rules: ['ends-at-start', 'looks-alike'] };
  }
  const goesOn = canContinue(bytes, body, at, end);
  if (!goesOn && (isShort || (own > at && end <= own)))
    return { ...spanOf(damaged, 'stray', [at, end]), rules: ['looks-alike'] };
  const rules: DamageRule[] =
    isWhole && !isFree ? ['looks-alike'] : goesOn && isInUse ? ['begins-at-end'] : [];
  if (change?.first === 0 && change.end === 1) rules.push('off-by-one');
  return { ...spanOf(damaged, 'overrun', [at + (change?.first ?? 0), end]), rules, block: before };
}

/** One element that an index too high put right behind a block, over the allocator's header alone. */
function elementHit(damaged: DamagedPage, { at, own, before }: Hit, end: number): Reading | undefined {
  const { read, format } = damaged;
  if (own === at || end > own || !looksLikeElement(read.bytes.subarray(at, at + format.unit), end - at))
    return undefined;
  const rules: DamageRule[] =
    before?.state === 'allocated' ? ['begins-at-end', 'looks-alike'] : ['looks-alike'];
  return { ...spanOf(damaged, 'overrun', [at, elementEnd(read.bytes, at, end)]), rules, block: before };
}

/** Elements take whole words: zeros up to the next one may have been there before, and may be the high bytes of a number. */
function elementEnd(bytes: Uint8Array, at: number, end: number): number {
  const whole = at + Math.ceil((end - at) / elementAlignment) * elementAlignment;
  return bytes.subarray(end, whole).every((byte) => byte === 0) ? whole : end;
}

const elementAlignment = 8;

/** In front of a write that began in what a free block left there. */
const zerosInFree = 8;

/** Did a write hit the allocator's header alone, in front of that of the block, and does nobody have the block before it? */
const isHeapsOwn = ({ at, own, before }: Hit, end: number): boolean =>
  own > at && end <= own && before?.state !== 'allocated';

/** Is the block of a header on a list of free ones? Nobody writes in front of such a block. */
const isListed = ({ page, listed }: DamagedPage, { at }: Hit): boolean =>
  listed.has(page.address + BigInt(at));

/** Bytes at the ends of a header that are as they were by chance. */
const byChance = 2;

/**
 * Does a change begin in the header that the allocator has in front of the block's own, and take the sizes and the type in that,
 * as a write does that begins too far in front of the block's memory? Of what is behind them nobody knows what it was.
 */
const isUpToMemory = ({ format }: DamagedPage, { own, at }: Hit, { first, end }: HeaderChange): boolean =>
  first > byChance && at + first < own && at + end >= own + format.unit / 4 - 1;

/**
 * Does a change begin in the middle of a header? A byte or two in front of much more are as they were by chance; how much more
 * there is the tag tells, if it is one that is known.
 */
const isAmid = (damaged: DamagedPage, { first, end }: HeaderChange, hit: Hit): boolean =>
  first > byChance ||
  (first > 0 &&
    end - first <= mostStray &&
    (end > tagAt || hit.known.masks[tagAt] !== 0) &&
    !isToUnknown(damaged.read.bytes, hit, end));

/** A free block keeps its links behind its header: what is none there was written too. */
function overLinks(damaged: DamagedPage, hit: Hit, found: Reading): Reading {
  const { format, read } = damaged;
  const { at, length } = hit;
  const size = format.unit / 2;
  const [links, end] = [at + format.unit, at + 2 * format.unit];
  const known = offsetIn(damaged, found.start) + found.length;
  const isHere = isListed(damaged, hit) && length === format.unit && end <= read.bytes.length;
  if (!isHere || found.shape !== 'overrun' || known >= end) return found;
  const areLinks = isKernelWord(read.bytes, links, size) && isKernelWord(read.bytes, links + size, size);
  return areLinks ? found : { ...found, length: found.length + end - known };
}

/** Bytes of a text in a block by which it is the block's own. */
const fewestOwn = 16;

/** Is there data right in front of a place? */
const isBehindData = ({ read }: DamagedPage, at: number, lowest: number): boolean =>
  read.bytes.subarray(Math.max(lowest, at - mostStray), at).some((byte) => byte !== 0);

/** A text is written with its NUL; of other bytes those did not change that are as they were. */
function trimmedEnd(
  { read: { bytes }, format }: DamagedPage,
  { at, length, own, known, change }: Hit,
  payload: Payload,
): number {
  let { end } = payload;
  const behind = at + length;
  const word = format.unit / 2;
  if (isText(payload) && bytes[end - 1] === 0) return end;
  // Zeros behind zeros are often there anyway, and what is cleared is cleared by words.
  if (payload.pattern === 'zeros' && end > behind) end -= (end - at) % word;
  const isInFront = payload.pattern === 'zeros' && own > at && end <= own && change !== undefined;
  if (isInFront) return Math.min(own, at + Math.ceil(change.end / word) * word);
  while (end > at + 1 && end <= behind && isUnchanged(bytes, at, known, end - 1 - at)) end--;
  return end;
}

function trimmedStart({ read: { bytes } }: DamagedPage, { at, known }: Hit, payload: Payload): number {
  let start = at;
  while (!isText(payload) && start < at + 4 && isUnchanged(bytes, at, known, start - at)) start++;
  return start;
}

/** What was zero in front of a header and behind what was written may have been so before. */
function withoutZeros(
  { read: { bytes }, format }: DamagedPage,
  from: number,
  to: number,
  payload: Payload,
): [number, number] {
  let [start, end] = [from, to];
  if (isText(payload) || payload.pattern === 'zeros') return [start, end];
  while (end > start + 1 && to - end < format.unit / 2 && bytes[end - 1] === 0) end--;
  while (start < end - 1 && start - from < format.unit / 2 && bytes[start] === 0) start++;
  return [start, end];
}

/** A zero or a few behind zeros, which a number has in its high bytes too. */
const isFewZeros = ({ at }: Hit, { pattern, end }: Payload): boolean =>
  pattern === 'zeros' && end - at < fewestOutside;

/** Does text fill the block before up to its last byte? Then the zero behind it is its NUL. */
const isClosingNul = (bytes: Uint8Array, at: number, body: number): boolean =>
  bytes[at] === 0 && at - body >= mostStray && bytes.subarray(at - mostStray, at).every(isPrintable);

/** So many bytes of a header that each differ in one bit were not written: other data differs in more. */
const [fewestOfBits, mostOfBits] = [2, 3];

/** Is a header as it was but for single bits in a few bytes, all of it being known? */
function isOfBits({ read: { bytes } }: DamagedPage, { at, known: { values, masks } }: Hit): boolean {
  const differing = [...values]
    .map((value, byte) => value ^ bytes[at + byte]!)
    .filter((bits, byte) => masks[byte] === 0xff && bits !== 0);
  return (
    differing.length >= fewestOfBits &&
    differing.length <= mostOfBits &&
    differing.every((bits) => (bits & (bits - 1)) === 0)
  );
}

/** One bit that makes the page whole: memory that fails, or a bit map in front that is too small. */
function oneBit(damaged: DamagedPage, { at, before, body, change, known }: Hit): Reading | undefined {
  const { page, read, format } = damaged;
  // A bit of the header in front may make that block so large that it hides this one; this one is whole but for a bit.
  const errors = page.bitErrors.filter((each) => offsetIn(damaged, each.at) === at);
  const [error, other] = errors.length > 1 ? errors.filter((each) => isAsKnown(each, known)) : errors;
  if (error === undefined || other !== undefined) return undefined;
  if (page.unexplained.length > 1 || page.problems.length > 2) return undefined;
  const byte = error.bit >> 3;
  if (isClosingNul(read.bytes, at, body)) return undefined;
  const isOther = change !== undefined && (change.first !== byte || change.end !== byte + 1);
  if (isOther) return undefined;
  const bit: Reading = { ...spanOf(damaged, 'bit', [at + byte, at + byte + 1]), pattern: 'bit' };
  // One bit too many of a bit map looks the same as one that flipped by itself.
  const isSet = (error.found & ~error.expected) !== 0;
  const isBehind = before?.state === 'allocated' && byte === 0 && isSet;
  if (isBehind && looksLikeBitMap(read.bytes.subarray(body, at), format.unit))
    return { ...bit, shape: 'overrun', block: before, rules: ['bit-behind'] };
  const isZero =
    before?.state === 'allocated' && read.bytes[at] === 0 && read.bytes[at - 1] === 0 && byte === 0;
  return { ...bit, rules: isZero ? ['one-bit', 'zero-behind-zeros'] : ['one-bit'] };
}

/** Is a header with one bit changed back what its neighbours say it was? */
const isAsKnown = ({ expected }: BitError, { values, masks }: KnownHeader): boolean =>
  [0, 1, 2, 3].every((byte) => (((expected >>> (8 * byte)) ^ values[byte]!) & masks[byte]!) === 0);
