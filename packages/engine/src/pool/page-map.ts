import { pageOf, pageSize, type Va } from '../base/index.ts';
import { type BigSearch, findBigAllocation } from './big-pages.ts';
import { poolFormat } from './format.ts';
import type { SearchedKernel } from './kernel-data.ts';
import { poolKind } from './kind.ts';
import type { PoolBlock, PoolPage } from './page.ts';
import { hasBytes, readPage } from './page-bytes.ts';
import { readPoolPage } from './read-pool-page.ts';
import { type PoolRegion, poolRegion } from './regions.ts';

/**
 * What one unit of a page is of: a block (`header` or `body`), damage that no header explains (`damaged`), a part of the
 * page that headers do not reach (`unknown`), or bytes that are not in the dump.
 */
export type UnitUse = 'header' | 'body' | 'damaged' | 'unknown' | 'missing';

/** A page of pool as it is divided. */
export interface MappedPoolPage {
  readonly page: PoolPage;
  readonly region: PoolRegion;
  /** Bytes of a unit. */
  readonly unit: number;
  /** For every unit what it is of, and the index of its block in `page.blocks`. */
  readonly uses: readonly UnitUse[];
  readonly owners: readonly (number | undefined)[];
  /** Asked where headers do not explain all of it. */
  readonly big: BigSearch | undefined;
}

/** Divides pages from that of `va` on; none where the kernel keeps its pool in the segment heap, which is not walked. Yields how many entries of the table of large allocations were looked at. */
export function* mapPoolPages(
  kernel: SearchedKernel,
  va: Va,
  count: number,
): Generator<number, MappedPoolPage[]> {
  const mapped: MappedPoolPage[] = [];
  if (poolKind(kernel).kind === 'segment-heap') return mapped;
  for (let index = 0; index < count; index++) {
    const address = pageOf(va) + BigInt(index * pageSize);
    // Behind the last page there is none.
    if (address >> 64n !== 0n) break;
    const page = readPoolPage(kernel, address);
    const isPool = page.verdict === 'whole' || page.verdict === 'incomplete';
    const big = isPool ? undefined : yield* findBigAllocation(kernel, address);
    const region = poolRegion(kernel, address, page.blocks);
    mapped.push({ page, region, big, ...divide(kernel, page) });
    yield index;
  }
  return mapped;
}

function divide(kernel: SearchedKernel, page: PoolPage): Pick<MappedPoolPage, 'unit' | 'uses' | 'owners'> {
  const { unit, units } = poolFormat(kernel);
  const bytes = readPage(kernel.target.memory, page.address);
  const uses: UnitUse[] = Array.from({ length: units }, () => 'unknown');
  const owners: (number | undefined)[] = Array.from({ length: units }, () => undefined);
  page.blocks.forEach((block, index) => {
    const [start, end] = extentOf(page, block, index, unit);
    uses.fill('body', start, end);
    owners.fill(index, start, end);
    uses[start] = 'header';
  });
  for (const { start, end, reason } of page.unexplained) {
    const [from, to] = [start, end].map((at) => Number(at - page.address) / unit);
    uses.fill(reason === 'damaged' ? 'damaged' : 'missing', from, to);
    owners.fill(undefined, from, to);
  }
  for (const { at } of page.problems) {
    const place = Math.floor(Number(at - page.address) / unit);
    // A link that does not lead back may lie on another page.
    if (place >= 0 && place < units) uses[place] = 'damaged';
  }
  for (let at = 0; at < units; at++) if (!hasBytes(bytes, at * unit, unit)) uses[at] = 'missing';
  return { unit, uses, owners };
}

/** In units; a block whose size is in doubt reaches to the next one at most. */
function extentOf(
  { address, blocks }: PoolPage,
  block: PoolBlock,
  index: number,
  unit: number,
): [number, number] {
  const start = Number(block.address - address);
  const next = blocks[index + 1];
  const most = next === undefined ? pageSize : Number(next.address - address);
  return [start / unit, Math.min(start + block.size, most) / unit];
}
