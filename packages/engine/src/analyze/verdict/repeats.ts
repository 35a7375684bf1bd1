import type { Payload } from './payload.ts';

/** Sizes of elements that are tried, and how many of them must be there before. */
const [smallest, largest, step] = [8, 128, 4];
const fewestElements = 3;
/** Bytes of an element that are alike in all elements and not zero: fewer, or less than a quarter, prove nothing. */
const fewestAlike = 4;

/**
 * Elements of an array that go on where they must not: what stands alike in every element of the block stands behind its end
 * too. `from` and `end` bound the array; the payload begins inside and ends with the last element that fits.
 */
export function elementsBehind(bytes: Uint8Array, from: number, end: number): Payload | undefined {
  return best((size) => {
    if (end - from < size * fewestElements) return undefined;
    const alike = template(bytes, end - size * fewestElements, size);
    if (alike === undefined) return undefined;
    let to = end;
    while (to + size <= bytes.length && fits(bytes, to, alike)) to += size;
    return to === end ? undefined : { start: end - size * fewestElements, end: to, outside: to - end };
  });
}

/** The same the other way: elements before the start of an array that begins at `from`. */
export function elementsBefore(bytes: Uint8Array, lowest: number, from: number): Payload | undefined {
  return best((size) => {
    if (from + size * fewestElements > bytes.length) return undefined;
    const alike = template(bytes, from, size);
    if (alike === undefined) return undefined;
    let start = from;
    while (start - size >= lowest && fits(bytes, start - size, alike)) start -= size;
    if (start === from) return undefined;
    // What differs in all elements, or is zero, does not tell that it is of one.
    const first = alike.findIndex((value) => value > 0);
    return { start: start + first, end: from, outside: from - start };
  });
}

/** The element with which most of it is explained; the smallest of those. */
function best(find: (size: number) => Elements | undefined): Payload | undefined {
  let longest: Elements | undefined;
  for (let size = smallest; size <= largest; size += step) {
    const found = find(size);
    if (found !== undefined && found.outside > (longest?.outside ?? 0)) longest = found;
  }
  return longest === undefined
    ? undefined
    : { start: longest.start, end: longest.end, pattern: 'mixed', text: undefined };
}

interface Elements {
  readonly start: number;
  readonly end: number;
  /** Bytes of them that are not in the block. */
  readonly outside: number;
}

/** What is alike in the elements from `at` on: -1 where they differ. Undefined: too little to know an element by. */
function template(bytes: Uint8Array, at: number, size: number): Int16Array | undefined {
  const alike = new Int16Array(size);
  let telling = 0;
  for (let offset = 0; offset < size; offset++) {
    const value = bytes[at + offset]!;
    let isAlike = true;
    for (let index = 1; index < fewestElements; index++)
      if (bytes[at + index * size + offset] !== value) isAlike = false;
    alike[offset] = isAlike ? value : -1;
    if (isAlike && value !== 0 && !isHighInAddress(bytes, at + offset)) telling++;
  }
  const varies = alike.includes(-1);
  return telling >= Math.max(fewestAlike, size / 4) && varies ? alike : undefined;
}

/** Bytes of a word, and of those the first that all addresses of a pool have alike. */
const [wordSize, firstAlike] = [8, 3];

/** Is it one of the high bytes of an address of the kernel's? Those are alike everywhere. */
function isHighInAddress(bytes: Uint8Array, at: number): boolean {
  const word = at - (at % wordSize);
  return at - word >= firstAlike && bytes[word + 6] === 0xff && bytes[word + 7] === 0xff;
}

function fits(bytes: Uint8Array, at: number, alike: Int16Array): boolean {
  for (let offset = 0; offset < alike.length; offset++)
    if (alike[offset] !== -1 && bytes[at + offset] !== alike[offset]) return false;
  return true;
}
