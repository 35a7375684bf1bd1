import type { Va } from '../../base/index.ts';
import type { ExpectedChunk, HeapBlock, PageBytes } from '../../pool/index.ts';
import { isKernelWord, type PageDamage } from './damage-span.ts';
import { isPrintable } from './payload.ts';

/** UnsafePrevSize and Allocated, of which the heap writes only these bytes. */
const [previousAt, allocatedAt] = [4, 6];
const unknownLetter = 0x3f;

/**
 * The heap writes the size of the chunk before into a header whenever that changes, and that it is free when it is freed, whatever
 * stands there: where these alone are right they are no part of what was written over the header. A text goes on there with
 * letters that nobody knows.
 */
export function withoutRewritten(read: PageBytes, front: Va, expected: ExpectedChunk | undefined): PageBytes {
  const { found, previousSize, size } = expected ?? {};
  if (found === undefined || (found.size === size && found.allocated <= 1)) return read;
  const isPrevious = previousSize !== undefined && found.previousSize === previousSize;
  const isFreed = found.allocated === 0;
  if (!isPrevious && !isFreed) return read;
  const [from, end] = [isPrevious ? previousAt : allocatedAt, isFreed ? allocatedAt + 1 : allocatedAt];
  const at = Number(front - read.address);
  return withoutOwn(read, at + from, at + end);
}

/** The count of unused bytes at the end of a chunk is the heap's too: it was written again when the chunk was given away again. */
export function withoutUnusedBytes(read: PageBytes, front: Va, before: HeapBlock | undefined): PageBytes {
  const at = Number(front - read.address);
  const isCounted = before?.chunk?.hasUnusedBytes === true && at > unusedCount;
  return isCounted ? withoutOwn(read, at - unusedCount, at) : read;
}

/** What goes through a count that was written later is of one who had the block before, with all of its bytes. */
export function ofFormerOwner(damage: PageDamage, front: Va): PageDamage {
  const { block, payloadStart } = damage;
  if (block === undefined || payloadStart >= front - BigInt(unusedCount)) return damage;
  return { ...damage, block: { ...block, size: Number(front - block.address), tag: '', tagValue: 0 } };
}

/** A free chunk has its header and the node of the tree; so many letters in front of it are a text. */
const [chunkNodeEnd, fewestLetters] = [0x20n, 6];

/**
 * A text that begins where the node of a free chunk ends, and stands in front of its header too, began before that chunk did: who had
 * the block has been split since, and nothing tells where it was.
 */
export function fromBeforeChunk(
  damage: PageDamage,
  before: HeapBlock | undefined,
  front: PageBytes,
): PageDamage {
  const { shape, pattern, payloadStart, rules } = damage;
  const chunk = before?.state === 'free' ? before.chunk?.address : undefined;
  if (chunk === undefined || shape !== 'overrun' || pattern !== 'text') return damage;
  if (payloadStart < chunk || payloadStart > chunk + chunkNodeEnd) return damage;
  const at = Number(chunk - front.address);
  const isText = at >= fewestLetters && front.bytes.subarray(at - fewestLetters, at).every(isPrintable);
  if (!isText) return damage;
  return { ...damage, block: undefined, rules: rules.filter((rule) => rule !== 'from-first-byte') };
}

/** Bytes of a header that a write astray has as good as all of. */
const wholeHeader = 0x10;

/**
 * A count that is whole stands between the block and the damage: what would have come out of the block by its end would have gone
 * through it. One element that is too far does not, nor what was written before the count was.
 */
export function behindCount(damage: PageDamage, front: Va, before: HeapBlock | undefined): PageDamage {
  const { shape, start, length, payloadStart, rules } = damage;
  const isBehind = shape === 'overrun' && start >= front && payloadStart >= front;
  const isCounted = before?.state === 'allocated' && before.requested !== undefined;
  if (!isBehind || !isCounted || length > wholeHeader || rules.includes('begins-at-end')) return damage;
  return { ...damage, shape: 'stray', block: undefined };
}

/** _HEAP_VS_UNUSED_BYTES_INFO */
const unusedCount = 2;

/** Bytes that the heap wrote between others, as those before them; in an address as in the one next to it. */
function withoutOwn(read: PageBytes, from: number, end: number): PageBytes {
  const [before, behind] = [read.bytes[from - 1]!, read.bytes[end]!];
  const bytes = read.bytes.slice();
  const near = addressBeside(bytes, from, end);
  if (near === undefined)
    bytes.fill(isPrintable(before) && before !== behind ? unknownLetter : before, from, end);
  else bytes.set(bytes.slice(near, near + end - from), from);
  return { ...read, bytes };
}

/** Where in an address of the kernel next to them the same bytes stand, if theirs can have been one like it. */
function addressBeside(bytes: Uint8Array, from: number, end: number): number | undefined {
  const word = from & ~7;
  if (end > word + 6) return undefined;
  return [-8, 8, -16, 16]
    .map((offset) => word + offset)
    .filter((other) => other >= 0 && other + 8 <= bytes.length)
    .filter((other) => isKernelWord(bytes, other, 8))
    .filter((other) => bytes[other + 6] === bytes[word + 6] && bytes[other + 7] === bytes[word + 7])
    .map((other) => other + from - word)[0];
}
