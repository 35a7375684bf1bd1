import { pageOf, pageSize, type Va } from '../base/index.ts';
import { type BigSearch, findBigAllocation } from './big-pages.ts';
import { poolFormat } from './format.ts';
import { describeHeap, type HeapBlock, type HeapPage } from './heap/index.ts';
import type { SearchedKernel } from './kernel-data.ts';
import { poolKind } from './kind.ts';
import type { PoolBlock, PoolPage } from './page.ts';
import { hasBytes, readPage } from './page-bytes.ts';
import { readPoolPage } from './read-pool-page.ts';
import { type PoolRegion, poolRegion } from './regions.ts';

/**
 * What one unit of a page is of: a block (`header` or `body`), the header of a heap's chunk in front of a block (`chunk`),
 * damage that no header explains (`damaged`), a part of the page that headers do not reach (`unknown`), or bytes that are not
 * in the dump.
 */
export type UnitUse = 'header' | 'body' | 'chunk' | 'damaged' | 'unknown' | 'missing';

/** A page of pool as it is divided. */
export interface MappedPoolPage {
  readonly page: PoolPage | HeapPage;
  readonly region: PoolRegion;
  /** Bytes of a unit. */
  readonly unit: number;
  /** For every unit what it is of, and the index of its block in `page.blocks`. */
  readonly uses: readonly UnitUse[];
  readonly owners: readonly (number | undefined)[];
  /** Asked where headers do not explain all of it. */
  readonly big: BigSearch | undefined;
}

/** Divides pages from that of `va` on. Yields how many entries of the table of large allocations were looked at. */
export function* mapPoolPages(
  kernel: SearchedKernel,
  va: Va,
  count: number,
): Generator<number, MappedPoolPage[]> {
  const mapped: MappedPoolPage[] = [];
  const isHeap = poolKind(kernel).kind === 'segment-heap';
  for (let index = 0; index < count; index++) {
    const address = pageOf(va) + BigInt(index * pageSize);
    // Behind the last page there is none.
    if (address >> 64n !== 0n) break;
    if (isHeap) {
      mapped.push(yield* mapHeapPage(kernel, address));
      continue;
    }
    const page = readPoolPage(kernel, address);
    const isPool = page.verdict === 'whole' || page.verdict === 'incomplete';
    const big = isPool ? undefined : yield* findBigAllocation(kernel, address);
    const region = poolRegion(kernel, address, page.blocks);
    mapped.push({ page, region, big, ...divide(kernel, page) });
    yield index;
  }
  return mapped;
}

/** Blocks of a heap that begin before the page, and allocations without headers, are looked up in the table too. */
function* mapHeapPage(kernel: SearchedKernel, address: Va): Generator<number, MappedPoolPage> {
  const { page, region, big } = yield* describeHeap(kernel, address);
  return { page, region, big, ...divide(kernel, page) };
}

function divide(
  kernel: SearchedKernel,
  page: PoolPage | HeapPage,
): Pick<MappedPoolPage, 'unit' | 'uses' | 'owners'> {
  const { unit, units } = poolFormat(kernel);
  const bytes = readPage(kernel.target.memory, page.address);
  const uses: UnitUse[] = Array.from({ length: units }, () => 'unknown');
  const owners: (number | undefined)[] = Array.from({ length: units }, () => undefined);
  page.blocks.forEach((block, index) => {
    const [start, end] = extentOf(page, block, index, unit);
    uses.fill('body', Math.max(start, 0), end);
    owners.fill(index, Math.max(start, 0), end);
    if (start >= 0) uses[start] = 'header';
    const chunk =
      'chunk' in block && block.chunk !== undefined ? unitOf(page, block.chunk.address, unit) : start;
    if (chunk >= 0 && chunk < start) {
      uses.fill('chunk', chunk, start);
      owners.fill(index, chunk, start);
    }
  });
  for (const { start, end, reason } of page.unexplained) {
    const [from, to] = [start, end].map((at) =>
      Math.min(Math.max(Number(at - page.address) / unit, 0), units),
    );
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

const unitOf = ({ address }: Pick<PoolPage, 'address'>, va: Va, unit: number): number =>
  Number(va - address) / unit;

/** In units, negative before the page; a block whose size is in doubt reaches to the next one at most. */
function extentOf(
  { address, blocks }: PoolPage | HeapPage,
  block: PoolBlock | HeapBlock,
  index: number,
  unit: number,
): [number, number] {
  const start = Number(block.address - address);
  const next = blocks[index + 1];
  const most = next === undefined ? pageSize : Number(next.address - address);
  return [start / unit, Math.min(start + block.size, most) / unit];
}
