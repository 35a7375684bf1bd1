/** Bytes on each side of a block's end that are compared. */
const around = 8;

/** Fewer letters than these are found in any data. */
const fewestLetters = 4;

const isText = (byte: number): boolean =>
  (byte >= 0x20 && byte < 0x7f) || byte === 9 || byte === 10 || byte === 13;

/**
 * Can the bytes behind a place be the rest of what stands before it? Data does not begin behind zeros, and after a text comes
 * text or its NUL; one byte alone may be an index that is one too high. `from`: where the block's memory begins.
 */
export function canContinue(bytes: Uint8Array, from: number, at: number, end: number): boolean {
  const before = bytes.subarray(Math.max(from, at - around), at);
  const behind = bytes.subarray(at, Math.min(end, at + around));
  if (behind.length <= 1 || before.length === 0) return true;
  if (before.every((byte) => byte === 0)) return behind.every((byte) => byte === 0);
  if (!before.every(isText)) return true;
  const other = behind.findIndex((byte) => !isText(byte));
  return other < 0 || other >= fewestLetters || behind[other] === 0;
}

/** Zeros in front of an island, and its longest length. */
const [fewestZeros, longestIsland] = [16, 0x40];

/**
 * Where data begins that stands alone at the end of a block, behind zeros, so that it is none of the block's: the start of what
 * was written in front of the next one. Undefined: there is no such place.
 */
export function islandBefore(
  bytes: Uint8Array,
  from: number,
  at: number,
  fewest = fewestZeros,
): number | undefined {
  let start = at;
  let zeros = 0;
  for (let place = at - 1; place >= from && zeros < fewest; place--) {
    if (bytes[place] === 0) zeros++;
    else [start, zeros] = [place, 0];
  }
  return start < at && zeros >= fewest && at - start <= longestIsland ? start : undefined;
}

/** Sizes of elements that are tried; how many there must be, and how many of their bytes are zero in all of them. */
const elementSizes = [8, 12, 16, 20, 24, 32];
const [fewestElements, fewestZeroBytes] = [3, 3];

/**
 * Where an array ends that begins at `start` and goes on behind `at`: its elements have zeros in the same places, and nothing but. Who
 * writes in front of a block writes one structure there, and seldom elements. Undefined: it is none.
 */
export function arrayOver(bytes: Uint8Array, start: number, at: number, end: number): number | undefined {
  for (const size of elementSizes) {
    const count = Math.floor((end - start) / size);
    const isOver = start + (count - 1) * size >= at && start + size <= at;
    if (count >= fewestElements && isOver && hasZeroColumns(bytes, start, size, count))
      return start + count * size;
  }
  return undefined;
}

/** Are some bytes zero in all elements, and the first byte in none? */
function hasZeroColumns(bytes: Uint8Array, start: number, size: number, count: number): boolean {
  const column = (offset: number): number[] =>
    Array.from({ length: count }, (_, index) => bytes[start + index * size + offset]!);
  if (column(0).some((byte) => byte === 0)) return false;
  let zeros = 0;
  for (let offset = 1; offset < size; offset++) if (column(offset).every((byte) => byte === 0)) zeros++;
  return zeros >= fewestZeroBytes && zeros <= size / 2;
}

/** Bytes of the shortest element, and how many of all and of those that changed are zero, and how many are not. */
const [shortestElement, fewestZeroParts, fewestZeroChanged, fewestValues] = [12, 3, 2, 6];

/**
 * Are the bytes those of a structure with numbers that are smaller than their room, and not of data without order? So many of them
 * changed.
 */
export function looksLikeElement(bytes: Uint8Array, changed: number): boolean {
  const zerosIn = (part: Uint8Array): number => part.filter((byte) => byte === 0).length;
  const zeros = zerosIn(bytes);
  const isFilled = bytes[0] !== 0 && bytes.length - zeros >= fewestValues;
  const isPart = zeros >= fewestZeroParts && zerosIn(bytes.subarray(0, changed)) >= fewestZeroChanged;
  return changed >= shortestElement && isPart && isFilled;
}

/** Bits of a byte that are set, on average, in a map that is neither empty nor full. */
const mostBits = 2.5;
const shortestText = 6;

/** Are the bytes those of a bit map: few bits here and there, or many behind one another, and nothing that is a text or an address? */
export function looksLikeBitMap(bytes: Uint8Array, unit: number): boolean {
  const used = bytes.filter((byte) => byte !== 0);
  const sparse = used.filter((byte) => byte !== 0xff);
  const bits = sparse.reduce((sum, byte) => sum + bitsOf(byte), 0);
  return bits <= sparse.length * mostBits && !hasText(bytes) && !hasAddress(bytes, unit);
}

function bitsOf(byte: number): number {
  let count = 0;
  for (let rest = byte; rest !== 0; rest &= rest - 1) count++;
  return count;
}

function hasText(bytes: Uint8Array): boolean {
  let length = 0;
  for (const byte of bytes) {
    length = isText(byte) ? length + 1 : 0;
    if (length >= shortestText) return true;
  }
  return false;
}

/** Is a word of 8 bytes an address of the kernel's? Of 4 bytes that is not to be told. */
function hasAddress(bytes: Uint8Array, unit: number): boolean {
  const size = unit / 2;
  for (let at = 0; size === 8 && at + size <= bytes.length; at += size) {
    const isHigh = bytes[at + 7] === 0xff && bytes[at + 6] === 0xff;
    if (isHigh && bytes.subarray(at, at + 6).some((byte) => byte !== 0xff)) return true;
  }
  return false;
}
