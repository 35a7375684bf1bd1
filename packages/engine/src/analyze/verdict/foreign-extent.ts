import type { Payload } from './payload.ts';
import type { Likeness } from './siblings.ts';

/** Fewest bytes of a word that are not zero where data is random. */
const fewestSet = 7;

interface Foreign {
  readonly bytes: Uint8Array;
  readonly like: Likeness;
  /** Bytes of a word. */
  readonly word: number;
  /** Is it data without gaps, and no text? Then so are words of which nothing else is known. */
  readonly isDense: boolean;
}

/**
 * How far bytes reach that are not the owner's of a block: from those that look alike to the words next to them in which
 * something differs from all other blocks of the kind, without what is as it should be at both ends. Offsets count from the
 * start of the block's memory.
 */
export function foreignExtent(
  bytes: Uint8Array,
  known: Pick<Payload, 'start' | 'end' | 'pattern'>,
  like: Likeness,
  word: number,
): { readonly start: number; readonly end: number } {
  const first = known.start - (known.start % word);
  const last = known.end - 1 - ((known.end - 1) % word);
  const isDense = known.pattern === 'mixed' && isSet(bytes, first, word) && !hasText(bytes, first, word);
  const foreign = { bytes, like, word, isDense };
  const [from, to] = [furthest(foreign, first, -word), furthest(foreign, last, word)];
  let [start, end] = [from < first ? from : known.start, to > last ? to + word : known.end];
  while (end > start + 1 && (isOwn(foreign, end - 1) || (isDense && to > last && bytes[end - 1] === 0)))
    end--;
  while (start < end - 1 && isOwn(foreign, start)) start++;
  return { start, end };
}

/** The last word on one side that is not the owner's. */
function furthest(foreign: Foreign, from: number, step: number): number {
  const { bytes, word } = foreign;
  let at = from;
  while (at + step >= 0 && at + step + word <= bytes.length && isForeign(foreign, at + step)) at += step;
  return at;
}

function isForeign({ bytes, like, word, isDense }: Foreign, at: number): boolean {
  // Lists lead to other blocks, and to their head in an image.
  if (hasAddress(bytes, at, word) && hasAddress(like, at, word)) return false;
  let told = false;
  for (let offset = at; offset < at + word; offset++) {
    const value = like[offset] ?? -1;
    if (value >= 0 && value !== bytes[offset]) return true;
    told ||= value >= 0;
  }
  return !told && isDense && isSet(bytes, at, word) && !hasText(bytes, at, word);
}

/** Is it a word of 8 bytes that is an address of the kernel's, by its highest bytes? */
const hasAddress = (bytes: Uint8Array | Likeness, at: number, word: number): boolean =>
  word === 8 && bytes[at + 7] === 0xff && bytes[at + 6] === 0xff;

const isSet = (bytes: Uint8Array, at: number, word: number): boolean =>
  bytes.subarray(at, at + word).filter((byte) => byte !== 0).length >= Math.min(word, fewestSet);

const hasText = (bytes: Uint8Array, at: number, word: number): boolean =>
  bytes.subarray(at, at + word).every((byte) => byte >= 0x20 && byte < 0x7f);

const isOwn = ({ bytes, like }: Foreign, at: number): boolean =>
  (like[at] ?? -1) >= 0 && like[at] === bytes[at];
