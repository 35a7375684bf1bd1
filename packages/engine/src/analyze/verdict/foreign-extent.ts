import type { Payload } from './payload.ts';
import { seenEnd } from './run-end.ts';
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

/** Offsets into a block's memory; how far the bytes go is not always to be seen. */
export interface ForeignExtent {
  readonly start: number;
  readonly end: number;
  readonly isEndSeen: boolean;
}

/**
 * How far bytes reach that are not the owner's of a block: from those that look alike to the words next to them in which
 * something differs from all other blocks of the kind, without what is as it should be at both ends. Offsets count from the
 * start of the block's memory.
 */
export function foreignExtent(
  bytes: Uint8Array,
  known: Payload,
  like: Likeness,
  word: number,
): ForeignExtent {
  const first = known.start - (known.start % word);
  const last = known.end - 1 - ((known.end - 1) % word);
  const isDense = known.pattern === 'mixed' && isSet(bytes, first, word) && !hasText(bytes, first, word);
  const foreign = { bytes, like, word, isDense };
  const [from, to] = [furthest(foreign, first, -word), furthest(foreign, last, word)];
  const startsEarlier = from < first || differs(foreign, first, known.start);
  const endsLater = to > last || differs(foreign, known.end, last + word);
  let [start, end] = [startsEarlier ? from : known.start, endsLater ? to + word : known.end];
  while (end > start + 1 && (isOwn(foreign, end - 1) || (isDense && to > last && bytes[end - 1] === 0)))
    end--;
  while (start < end - 1 && isOwn(foreign, start)) start++;
  const runEnd = endsLater ? undefined : seenEnd(bytes, known, bytes.length);
  const seen = runEnd !== undefined && runEnd < end ? runEnd : end;
  return { start, end: seen, isEndSeen: runEnd !== undefined || isEdge(foreign, seen) };
}

/** Is a place the end by what stands on both sides: own bytes, or a whole word of the owner's, behind one that is none? */
function isEdge(foreign: Foreign, end: number): boolean {
  const { bytes, word } = foreign;
  if (end >= bytes.length) return true;
  if (isOwn(foreign, end) && differs(foreign, end - 1, end)) return true;
  return end % word === 0 && isOwners(foreign, end);
}

/** Is a word one of the owner's: like those of others, or without data? */
function isOwners(foreign: Foreign, at: number): boolean {
  const { bytes, like, word } = foreign;
  const end = Math.min(at + word, bytes.length);
  if (hasAddress(bytes, at, word) || bytes.subarray(at, end).every((byte) => byte === 0)) return true;
  return !differs(foreign, at, end) && like.subarray(at, end).some((value) => value >= 0);
}

/** Is one of the bytes another one than in all blocks of the kind? */
function differs({ bytes, like }: Foreign, from: number, end: number): boolean {
  for (let at = from; at < Math.min(end, bytes.length); at++)
    if ((like[at] ?? -1) >= 0 && like[at] !== bytes[at]) return true;
  return false;
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
  if (told || !isDense || hasAddress(bytes, at, word)) return false;
  return isSet(bytes, at, word) && !hasText(bytes, at, word);
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
