import type { Va } from '../../base/index.ts';
import { type BytePattern, searchMemory } from '../../memory/index.ts';
import type { MemoryRange } from '../../mmu/index.ts';
import { poolRanges } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';

/** Memory that one search looks through at most: it takes a fraction of a second. */
const mostBytes = 0x1000_0000;
/** What a search reads between two of its steps at most. */
const pieceBytes = 0x8_0000n;

export const imageRanges = ({ modules }: CrashedSystem): MemoryRange[] =>
  modules.map(({ base, size }) => ({ start: base, end: base + BigInt(size) }));

/** Pool as far as the dump tells where it is; else all memory of the kernel that is nothing else. */
export const allPool = (system: CrashedSystem): readonly MemoryRange[] =>
  poolRanges(system, ['nonpaged', 'paged']);

/** Places that hold a pattern, in the order of the ranges. The search ends after so many hits, or a quarter of a gigabyte. */
export function searchRanges(
  { memory }: CrashedSystem,
  ranges: readonly MemoryRange[],
  pattern: BytePattern,
  limit: number,
): Va[] {
  const hits: Va[] = [];
  let budget = mostBytes;
  for (const range of ranges) {
    let from = range.start;
    const steps = searchMemory(memory, range, pattern, { limit: limit - hits.length });
    for (let step = steps.next(); step.done !== true; step = steps.next()) {
      const { at, hits: found } = step.value;
      hits.push(...found);
      budget -= Number(at - from < pieceBytes ? at - from : pieceBytes);
      from = at;
      if (budget < 0 || hits.length >= limit) return hits;
    }
  }
  return hits;
}
