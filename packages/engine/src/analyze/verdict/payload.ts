import { latin1, readU32 } from '../../base/index.ts';
import type { DamageFacts } from '../report.ts';

/** Bytes that belong together: offsets into the examined bytes, the end exclusive. */
export interface Payload {
  readonly start: number;
  readonly end: number;
  readonly pattern: NonNullable<DamageFacts['pattern']>;
  /** Of a text: as it is, without its NUL. */
  readonly text: string | undefined;
  /** Two bytes a character. */
  readonly isWide?: true;
  /** It goes on from what is a block's own. */
  readonly goesOn?: true;
}

export const isPrintable = (byte: number): boolean =>
  (byte >= 0x20 && byte < 0x7f) || byte === 9 || byte === 10 || byte === 13;

/** Of UTF-16: letters with accents too. */
const isLetter = (byte: number): boolean => isPrintable(byte) || byte >= 0xc0;

/** Fewer characters than these are found in any data. */
const shortestText = 6;
const shortestFill = 6;
/** Of a value with several different bytes. */
const fewestRepeats = 3;

/**
 * What the bytes around an offset are: a text of one or two bytes a character, one byte repeated; undefined: neither. Nothing
 * before `lowest` belongs to it.
 */
export function payloadAt(bytes: Uint8Array, at: number, lowest = 0): Payload | undefined {
  const part = bytes.subarray(lowest);
  const found = [textAround, wideTextAround, fillAround, valueAround].flatMap(
    (find) => find(part, at - lowest) ?? [],
  );
  const [longest] = found.sort((a, b) => lengthOf(b) - lengthOf(a));
  return longest === undefined
    ? undefined
    : overSetWord(bytes, { ...longest, start: longest.start + lowest, end: longest.end + lowest });
}

/** What bytes are that were taken for a payload and more around it: a run of one value that is a part of other data is none. */
export function patternOf(bytes: Uint8Array, { pattern }: Payload): Payload['pattern'] {
  const isRun = pattern === 'zeros' || pattern === 'fill';
  return isRun && bytes.some((byte) => byte !== bytes[0]) ? 'mixed' : pattern;
}

/** Bytes of a word that a block's owner may have set. */
const wordSize = 8;

/**
 * A text that stops where a word begins and goes on right behind it: who has the block has set that word since. The word is shown as
 * dots.
 */
function overSetWord(bytes: Uint8Array, payload: Payload): Payload {
  const { end, text, isWide } = payload;
  const isOpen = text !== undefined && isWide !== true && bytes[end - 1] !== 0;
  const rest = isOpen && end % wordSize === 0 ? textFrom(bytes, end + wordSize) : undefined;
  const word = bytes.subarray(end, end + wordSize);
  if (rest === undefined || word.every((byte) => byte === 0)) return payload;
  return { ...payload, end: rest.end, text: text + '.'.repeat(wordSize) + rest.text };
}

/** A text that begins at an offset and at none before it. */
function textFrom(bytes: Uint8Array, at: number): (Payload & { readonly text: string }) | undefined {
  const found = at < bytes.length && !isPrintable(bytes[at - 1]!) ? textAround(bytes, at) : undefined;
  return found?.text === undefined ? undefined : { ...found, text: found.text };
}

/** Bytes that are like others by chance: a character and a zero behind a fill that is a letter, say. */
const byChance = 3;

/** A fill that is nearly as long as what looks like a text is none. */
function lengthOf({ start, end, pattern }: Payload): number {
  return end - start + (pattern === 'fill' ? byChance : 0);
}

/** Its closing NUL counts as its own; one character repeated is no text. */
function textAround(bytes: Uint8Array, at: number): Payload | undefined {
  const { start, end } = runAround(bytes, at, isPrintable);
  if (end - start < shortestText) return undefined;
  if (bytes.subarray(start, end).every((byte) => byte === bytes[start])) return undefined;
  const closed = bytes[end] === 0 ? end + 1 : end;
  return { start, end: closed, pattern: 'text', text: latin1(bytes.subarray(start, end)) };
}

function wideTextAround(bytes: Uint8Array, at: number): Payload | undefined {
  const isWide = (offset: number) => isLetter(bytes[offset] ?? 0) && bytes[offset + 1] === 0;
  const first = [at, at - 1].find((offset) => offset >= 0 && isWide(offset));
  if (first === undefined) return undefined;
  let [start, end] = [first, first];
  while (start >= 2 && isWide(start - 2)) start -= 2;
  while (end + 1 < bytes.length && isWide(end)) end += 2;
  if ((end - start) / 2 < shortestText) return undefined;
  const closed = bytes[end] === 0 && bytes[end + 1] === 0 ? end + 2 : end;
  const text = latin1(bytes.subarray(start, end)).replaceAll('\0', '');
  return { start, end: closed, pattern: 'text', text, isWide: true };
}

function fillAround(bytes: Uint8Array, at: number): Payload | undefined {
  const byte = bytes[at];
  if (byte === undefined) return undefined;
  const { start, end } = runAround(bytes, at, (each) => each === byte);
  if (end - start < shortestFill) return undefined;
  return { start, end, pattern: byte === 0 ? 'zeros' : 'fill', text: undefined };
}

/** One value of 4 or 8 bytes, repeated. */
function valueAround(bytes: Uint8Array, at: number): Payload | undefined {
  for (const size of [4, 8]) {
    let [start, end] = [at, at];
    while (end + size < bytes.length && bytes[end] === bytes[end + size]) end++;
    while (start > 0 && bytes[start - 1] === bytes[start - 1 + size]) start--;
    end += size;
    // A byte more or less may be like it by chance: values stand at multiples of their size.
    if (start % size > size - byChance) start += size - (start % size);
    if (end % size < byChance) end -= end % size;
    if (end - start >= size * fewestRepeats && new Set(bytes.subarray(start, start + size)).size > 1)
      return { start, end, pattern: 'fill', text: undefined };
  }
  return undefined;
}

/** Fewer words than these may be links of a list. */
const fewestAddresses = 3;

/**
 * Addresses of the kernel behind one another that are near each other, as a structure of pointers has them: `at` is where one
 * of them begins.
 */
export function addressesAround(
  bytes: Uint8Array,
  at: number,
  lowest: number,
  size: number,
): Payload | undefined {
  const highOf = (place: number): number => readU32(bytes, place + size - 4);
  const high = at + size <= bytes.length ? highOf(at) : 0;
  const isKernel = size === 8 && high >= 0xffff_8000 && high < 0xffff_ffff;
  const isNear = (place: number): boolean =>
    place >= lowest && place + size <= bytes.length && highOf(place) === high;
  if (!isKernel) return undefined;
  let [start, end] = [at, at];
  while (isNear(end)) end += size;
  while (isNear(start - size)) start -= size;
  if (end - start < fewestAddresses * size) return undefined;
  // A word of it may have been set since, as the link of a list is: behind it the same values go on.
  const known = new Set<string>();
  for (let place = start; place < end; place += size) known.add(wordAt(bytes, place, size));
  while (isNear(end + size) && known.has(wordAt(bytes, end + size, size))) {
    end += size;
    while (isNear(end)) end += size;
  }
  const last = endOfElements(bytes, { start, at, end, size });
  return { start, end: last, pattern: 'pointers', text: undefined };
}

/** Words of an element of an array of addresses that are tried. */
const strides = [2, 3, 4];

interface AddressRun {
  readonly start: number;
  readonly at: number;
  readonly end: number;
  readonly size: number;
}

/**
 * Where an array of addresses ends, of which one is the same in all elements: behind it may be addresses of somebody else. The end of
 * the run where no address is the same.
 */
function endOfElements(bytes: Uint8Array, { start, at, end, size }: AddressRun): number {
  const isSame = (one: number, other: number): boolean =>
    other >= start && other < end && hasEqualBytes(bytes, one, other, size);
  let [most, last] = [0, end];
  for (const stride of strides.map((words) => words * size))
    for (let first = at; first < at + stride && first < end; first += size) {
      let [from, to] = [first, first + stride];
      while (isSame(first, from - stride)) from -= stride;
      while (isSame(first, to)) to += stride;
      const [count, before] = [(to - from) / stride, (first - from) / stride];
      if (count < fewestAddresses || before < fewestAddresses - 1 || count <= most) continue;
      [most, last] = [count, Math.min(to, end)];
    }
  return last;
}

const hasEqualBytes = (bytes: Uint8Array, one: number, other: number, size: number): boolean =>
  bytes.subarray(one, one + size).every((byte, index) => byte === bytes[other + index]);

const wordAt = (bytes: Uint8Array, at: number, size: number): string => bytes.subarray(at, at + size).join();

function runAround(
  bytes: Uint8Array,
  at: number,
  belongs: (byte: number) => boolean,
): { start: number; end: number } {
  let [start, end] = [at, at];
  while (end < bytes.length && belongs(bytes[end]!)) end++;
  while (start > 0 && end > at && belongs(bytes[start - 1]!)) start--;
  return { start, end };
}
