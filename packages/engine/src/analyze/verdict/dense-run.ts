import { isPrintable, type Payload } from './payload.ts';

/** Bytes of a word, and how many of them are not zero where data has no gaps. */
const [wordSize, fewestSet] = [8, 6];
/** Words without gaps in front of a header by which they are no chance. */
const fewestBefore = 3;
/** Bytes of a line of a processor's cache, and of a sector of a disk: memory that fails and devices write whole ones. */
export const [lineSize, sectorSize] = [0x40, 0x200];
/** Bytes of the longest header. */
const headerSize = 16;

/**
 * Data without gaps that begins in a block and goes on over a header into the next block's memory, as packets, pictures, numbers with
 * fractions, and what is packed or enciphered do; structures of the kernel have gaps and addresses. Undefined: there is none, or it
 * may be what a device wrote. One that fills a line is given though it ends with the header. `body`: where the block's memory begins; `at`, `own`: the header behind it; `last`: where
 * the next one is.
 */
export function denseOver(
  bytes: Uint8Array,
  {
    body,
    at,
    own,
    last,
  }: { readonly body: number; readonly at: number; readonly own: number; readonly last: number },
): Payload | undefined {
  let [start, end] = [at, at];
  while (start - wordSize >= body && isDense(bytes, start - wordSize)) start -= wordSize;
  while (end + wordSize <= last && isDense(bytes, end)) end += wordSize;
  const run: Payload = { start, end, pattern: 'mixed', text: undefined };
  if (!isRare(bytes, start, end)) return undefined;
  if (isLine(run, body) && start < at) return run;
  if (at - start < fewestBefore * wordSize) return undefined;
  // The first bytes of what a device wrote may be others, and a word behind it full by chance.
  const isOfDevice =
    (start > body + headerSize && end % lineSize <= wordSize) || (start > body && start % sectorSize === 0);
  return end <= own || isOfDevice || isOverHeader(bytes, start, body) ? undefined : run;
}

/** Does a run fill one line of a cache behind other data in a block? So writes memory that fails. */
const isLine = ({ start, end }: Payload, body: number): boolean =>
  start > body && start % lineSize === 0 && end - start === lineSize;

/** Of all words around a run so many may be like it, one of so many, before it tells nothing. */
const mostAround = 4;

/** Has memory around a run gaps? */
function isRare(bytes: Uint8Array, start: number, end: number): boolean {
  let [words, dense] = [0, 0];
  for (let at = 0; at + wordSize <= bytes.length; at += wordSize) {
    if (at >= start && at < end) continue;
    words++;
    if (isDense(bytes, at)) dense++;
  }
  return dense * mostAround <= words;
}

/** Does data without gaps stand in front of the block's header too? Then that is none, or was written as well. */
function isOverHeader(bytes: Uint8Array, start: number, body: number): boolean {
  const front = body - headerSize - fewestBefore * wordSize;
  return start === body && front >= 0 && wordsAt(front).every((at) => isDense(bytes, at));
}

const wordsAt = (first: number): number[] =>
  Array.from({ length: fewestBefore }, (_, index) => first + index * wordSize);

/** Is a word full, and neither an address of the kernel's nor a text? */
function isDense(bytes: Uint8Array, at: number): boolean {
  const word = bytes.subarray(at, at + wordSize);
  if (word[6] === 0xff && word[7] === 0xff) return false;
  return word.filter((byte) => byte !== 0).length >= fewestSet && !word.every(isPrintable);
}
