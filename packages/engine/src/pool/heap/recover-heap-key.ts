import { readU64, type Va } from '../../base/index.ts';
import { type ObjectKernel, sourced } from '../../windows/index.ts';
import { candidateAt } from '../candidates.ts';
import { type PoolFormat, poolFormat } from '../format.ts';
import { hasBytes, type PageBytes, readPage } from '../page-bytes.ts';
import type { Placed } from '../placed.ts';

/** Chunk headers that must give the same key, and pages that they must be on: a copied page agrees with itself. */
const fewestChunks = 4;
const fewestPages = 2;
/** Pages between two signs of life. */
const pagesPerSign = 64;

/** A key that one chunk header gives. */
export interface KeyVote {
  readonly key: bigint;
  /** Of the chunk header. */
  readonly chunk: Va;
}

/**
 * The heap key out of VS chunks: where one block ends right before the chunk header of the next, both sizes are known from
 * their POOL_HEADERs, and with them all 64 bits of that chunk header but the key. Four headers on two pages that give the
 * same 64 bits are proof; the text says how many did. Else says, as half a sentence, why there is none.
 */
export function* recoverHeapKey(
  kernel: ObjectKernel,
  pages: Iterable<Va>,
): Generator<number, Placed<bigint>> {
  const format = poolFormat(kernel);
  if (format.unit !== 16) return 'it is not looked for on 32 bits';
  const votes: KeyVote[] = [];
  let count = 0;
  for (const va of pages) {
    votes.push(...keyVotes(readPage(kernel.target.memory, va), format));
    if (++count % pagesPerSign === 0) yield count;
  }
  return judgeVotes(votes);
}

/** What each chunk header of a page says that the key is, if it is one. */
export function keyVotes(page: PageBytes, format: PoolFormat): KeyVote[] {
  const { bytes } = page;
  const votes: KeyVote[] = [];
  for (let at = 0; at < bytes.length; at += format.unit) {
    // Nearly all places have no type of a block in use, or no header where the block would end: that is told at once.
    if ((bytes[at + typeAt]! & inUse) === 0) continue;
    const chunkAt = at + bytes[at + sizeAt]! * format.unit;
    const nextAt = chunkAt + format.unit;
    if (nextAt >= bytes.length || (bytes[nextAt + typeAt]! & inUse) === 0) continue;
    const next = candidateAt(page, format, nextAt);
    const size = next && candidateAt(page, format, at)?.size;
    if (next === undefined || size === undefined || !hasBytes(page, chunkAt, 8)) continue;
    const chunk = page.address + BigInt(chunkAt);
    // A block at the start of a page leaves a unit free behind its chunk header, which is on the page before.
    const before = at === 0 ? 2 * format.unit : format.unit;
    const decoded = busyChunk(next.size + format.unit, size + before);
    votes.push({ key: readU64(bytes, chunkAt) ^ chunk ^ decoded, chunk });
  }
  return votes;
}

/** _POOL_HEADER of 64 bits: BlockSize, PoolType, and the bit of it that every header in use has. */
const [sizeAt, typeAt, inUse] = [2, 3, 2];

/** _HEAP_VS_CHUNK_HEADER_SIZE of a chunk in use: no pages to commit, sizes in units, allocated. */
const busyChunk = (size: number, previousSize: number): bigint =>
  (BigInt(size / 16) << 16n) | (BigInt(previousSize / 16) << 32n) | (1n << 48n);

/**
 * The key that enough votes give, and far more than any other: a chunk that is larger than its block gives another one, and
 * some sizes are common.
 */
export function judgeVotes(votes: readonly KeyVote[]): Placed<bigint> {
  const byKey = new Map<bigint, Va[]>();
  for (const { key, chunk } of votes) byKey.set(key, [...(byKey.get(key) ?? []), chunk]);
  const [best, second] = [...byKey].sort((a, b) => b[1].length - a[1].length);
  if (best === undefined || !isProof(best[1])) return lack(byKey);
  const [key, chunks] = best;
  if (second !== undefined && second[1].length * clearly > chunks.length)
    return 'chunks of the pool lead to more than one key';
  return sourced(
    key,
    `${chunks.length} VS chunks on ${pagesOf(chunks)} pages whose neighbours tell what they hold`,
  );
}

/** So many times as many votes as for any other key. */
const clearly = 4;

const isProof = (chunks: readonly Va[]): boolean =>
  new Set(chunks).size >= fewestChunks && pagesOf(chunks) >= fewestPages;

const pagesOf = (chunks: readonly Va[]): number => new Set(chunks.map((chunk) => chunk >> 12n)).size;

function lack(byKey: ReadonlyMap<bigint, readonly Va[]>): string {
  const most = Math.max(0, ...[...byKey.values()].map((chunks) => chunks.length));
  if (most < 2) return 'no two VS chunks in the dump agree on a key';
  return `${most} VS chunks agree on a key, which is no proof: ${fewestChunks} on ${fewestPages} pages are needed`;
}
