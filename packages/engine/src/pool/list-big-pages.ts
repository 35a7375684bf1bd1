import { Fault, type Va, wrap64 } from '../base/index.ts';
import type { BigAllocation } from './big-page-entry.ts';
import { type BigPageTable, findBigPageTable } from './big-page-table.ts';
import type { SearchedKernel } from './kernel-data.ts';
import { isPlaced } from './placed.ts';

/** The table of large allocations, read as a whole. */
export interface BigPageList {
  /** By address. */
  readonly allocations: readonly BigAllocation[];
  /** Where the table is; undefined: that is not known. */
  readonly table: { readonly start: Va; readonly end: Va } | undefined;
  /** How that is known, as half a sentence. */
  readonly from: string | undefined;
  /** Entries that are not in the dump, and those that are no entries: their address is none of an allocation. */
  readonly missing: number;
  readonly wrong: number;
  /** Why allocations may be lacking, as half a sentence; undefined: none do. */
  readonly unknown: string | undefined;
}

/** Most allocations that are kept; machines have some ten thousand. */
const mostAllocations = 1 << 18;
const chunkBytes = 0x1_0000;

const noTable = (unknown: string): BigPageList => ({
  allocations: [],
  table: undefined,
  from: undefined,
  missing: 0,
  wrong: 0,
  unknown,
});

/** Reads all large allocations. Yields the entries done now and then. */
export function* listBigPages(kernel: SearchedKernel): Generator<number, BigPageList> {
  const placed = yield* findBigPageTable(kernel);
  if (!isPlaced(placed)) return noTable(placed);
  const { value: table, from } = placed;
  const { start, count, entries } = table;
  const allocations: BigAllocation[] = [];
  let [missing, wrong] = [0, 0];
  const perChunk = Math.max(1, Math.floor(chunkBytes / entries.size));
  for (let done = 0; done < count && allocations.length < mostAllocations; done += perChunk) {
    const chunk = readChunk(kernel, table, done, Math.min(perChunk, count - done));
    allocations.push(...chunk.allocations);
    missing += chunk.missing;
    wrong += chunk.wrong;
    yield done;
  }
  return {
    allocations: allocations
      .slice(0, mostAllocations)
      .sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0)),
    table: { start, end: wrap64(start + BigInt(count) * BigInt(entries.size)) },
    from,
    missing,
    wrong,
    unknown: lackOf(allocations.length, missing, wrong, count),
  };
}

function lackOf(found: number, missing: number, wrong: number, count: number): string | undefined {
  if (found > mostAllocations) return `it has more than ${mostAllocations} allocations`;
  if (missing > 0) return `${missing} of its ${count} entries are not in this dump`;
  return wrong > 0 ? `${wrong} of its ${count} entries make no sense` : undefined;
}

function readChunk(
  { target }: SearchedKernel,
  { start, entries }: BigPageTable,
  first: number,
  count: number,
): { readonly allocations: readonly BigAllocation[]; readonly missing: number; readonly wrong: number } {
  const at = wrap64(start + BigInt(first) * BigInt(entries.size));
  const read = target.memory.tryRead(at, count * entries.size);
  const bytes = read instanceof Fault ? read.got : read;
  const present = Math.floor(bytes.length / entries.size);
  const allocations: BigAllocation[] = [];
  let wrong = 0;
  for (let index = 0; index < present; index++) {
    const kind = entries.judge(bytes, index, true);
    if (kind === 'used')
      allocations.push(entries.at(bytes, index, wrap64(at + BigInt(index * entries.size))));
    else if (kind === 'wrong') wrong++;
  }
  return { allocations, missing: count - present, wrong };
}

/** The column that large allocations are sorted by. */
export type BigOrder = 'address' | 'size' | 'tag';

/** In another order: by address, the largest first, or by tag. */
export function sortBigPages(allocations: readonly BigAllocation[], order: BigOrder): BigAllocation[] {
  const byAddress = [...allocations];
  if (order === 'size') return byAddress.sort((a, b) => (a.size > b.size ? -1 : a.size < b.size ? 1 : 0));
  if (order === 'tag') return byAddress.sort((a, b) => (a.tag < b.tag ? -1 : a.tag > b.tag ? 1 : 0));
  return byAddress;
}
