import { pageOf, pageSize, type Va, wrap64 } from '../../base/index.ts';
import { poolFormat } from '../format.ts';
import type { SearchedKernel } from '../kernel-data.ts';
import type { HeapBlock, VsChunk } from './heap-block.ts';
import { vsBlock } from './vs-blocks.ts';
import { readVsBytes, type VsBytes } from './vs-bytes.ts';
import { firstChunk, hasLinks, leastUnits, subsegmentOf, type VsCode, vsUnit } from './vs-code.ts';

/** Chunks one behind the other, of which each names the size of the one before. */
interface LoneChain {
  readonly chunks: readonly VsChunk[];
  /** From the chunk before that the first one names, to behind the last. */
  readonly start: Va;
  readonly end: Va;
  /** Of them in use: 48 bits of each are as they must be. */
  readonly used: number;
}

/**
 * The blocks of VS chunks on a page whose heap and subsegment are not known: headers that decode with the key to a chunk in
 * use, and free ones that such a chunk next to them confirms. Where chains of them overlap, as headers that are left over in
 * a freed chunk do, the one with more chunks in use is taken, and of equals none.
 */
export function loneVsBlocks(kernel: SearchedKernel, code: VsCode, va: Va): HeapBlock[] {
  const page = pageOf(va);
  const sub = readVsBytes(kernel.target.memory, wrap64(page - BigInt(pageSize)), 2 * pageSize);
  const format = poolFormat(kernel);
  const reading = { format, paged: undefined, cookie: undefined, kept: new Map<Va, string>() };
  return chosen(chainsIn(chunksIn(sub, code)))
    .flatMap(({ chunks }) => chunks.map((chunk) => vsBlock(sub, chunk, reading).block))
    .filter(({ address, size }) => address < page + BigInt(pageSize) && address + BigInt(size) > page);
}

const unitsPerPage = pageSize / vsUnit;

function chunksIn(sub: VsBytes, code: VsCode): Map<Va, VsChunk> {
  const chunks = new Map<Va, VsChunk>();
  // Above the sizes is whether the chunk is in use, and nothing else: few other words decode to that.
  const tops = [0n, BigInt(pageSize)].map((offset) => code.high ^ Number((sub.address + offset) >> 32n));
  for (let unit = 0; unit < sub.present.length; unit++) {
    const top = tops[unit < unitsPerPage ? 0 : 1]! ^ sub.words[unit * 4 + 1]!;
    if (top >>> 16 > 1 || sub.present[unit] !== 1) continue;
    const chunk = code.decode(sub.bytes, unit * vsUnit, wrap64(sub.address + BigInt(unit * vsUnit)));
    const isFreeOne = chunk.allocated === 0 && hasLinks(sub.words, unit * 4);
    if (isFormed(chunk) && (chunk.allocated === 1 || isFreeOne)) chunks.set(chunk.address, chunk);
  }
  return chunks;
}

/** The sizes that a chunk can have; the first of a subsegment has none before it. */
function isFormed(chunk: VsChunk): boolean {
  const { size, previousSize, allocated, memoryCost, address, stored } = chunk;
  if (size < leastUnits * vsUnit || previousSize === vsUnit) return false;
  const start = subsegmentOf(chunk);
  if (allocated === 0 || start === undefined) return previousSize > 0;
  if (memoryCost !== 0 || stored === 0n) return false;
  const first = start + BigInt(firstChunk);
  return previousSize === 0 ? address === first : address - BigInt(previousSize) >= first;
}

function chainsIn(chunks: ReadonlyMap<Va, VsChunk>): LoneChain[] {
  const nextOf = ({ address, size }: VsChunk): VsChunk | undefined => {
    const next = chunks.get(wrap64(address + BigInt(size)));
    return next?.previousSize === size ? next : undefined;
  };
  const followers = new Set([...chunks.values()].map((chunk) => nextOf(chunk)?.address));
  return [...chunks.values()]
    .filter(({ address }) => !followers.has(address))
    .map((first) => {
      const chain = [first];
      for (let next = nextOf(first); next !== undefined; next = nextOf(next)) chain.push(next);
      return chainOf(chain);
    })
    .filter(({ used }) => used > 0);
}

function chainOf(chunks: readonly VsChunk[]): LoneChain {
  const [first, last] = [chunks[0]!, chunks.at(-1)!];
  return {
    chunks,
    start: first.address - BigInt(first.previousSize),
    end: last.address + BigInt(last.size),
    used: chunks.filter(({ allocated }) => allocated === 1).length,
  };
}

const chosen = (chains: readonly LoneChain[]): LoneChain[] =>
  chains
    .filter((one) => chains.every((other) => other === one || !overlaps(one, other) || one.used > other.used))
    .sort((a, b) => (a.start < b.start ? -1 : 1));

const overlaps = (one: LoneChain, other: LoneChain): boolean =>
  one.start < other.end && other.start < one.end;
