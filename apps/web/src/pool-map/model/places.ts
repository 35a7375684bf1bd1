import type { Place } from './layout.ts';
import type { PoolGroup, PoolMapData } from './pool-map-data.ts';

/** A part, or a page without parts, that is looked at. */
export interface Selection {
  readonly group: number;
  readonly row: number;
  readonly page: number;
  /** Undefined: the page itself, or bytes of it that are in no part. */
  readonly part: number | undefined;
  /** First byte in the page. */
  readonly offset: number;
}

/** What a place is of. */
export function selectionAt(data: PoolMapData, { group, row, page, offset }: Place): Selection {
  const part = data.findPart(page, offset);
  return { group, row, page, part, offset: part === undefined ? offset : data.offsetOf(part) };
}

/** A row of a page, by halving where the rows are in order, else one after the other. */
export function findRow(data: PoolMapData, { rows, count }: PoolGroup, number: number): number | undefined {
  if (data.end === undefined) {
    for (let row = 0; row < count; row++) if (data.numberOf(rows[row]!) === number) return row;
    return undefined;
  }
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (data.numberOf(rows[middle]!) < number) low = middle + 1;
    else high = middle;
  }
  return low < count && data.numberOf(rows[low]!) === number ? low : undefined;
}

/** Where an address is on the map. */
export function findAddress(data: PoolMapData, address: bigint): Selection | undefined {
  const number = Number(address >> 12n);
  for (const [index, group] of data.groups.entries()) {
    const row = findRow(data, group, number);
    if (row === undefined) continue;
    const place = { group: index, row, page: group.rows[row]!, offset: Number(address & 0xfffn) };
    return selectionAt(data, place);
  }
  return undefined;
}

/** The same place after the order of pages has changed. */
export const refound = (data: PoolMapData, { page, offset }: Selection): Selection | undefined =>
  findAddress(data, data.addressOf(page) + BigInt(offset));

/** Address of the first byte that is selected. */
export const selectedAddress = (data: PoolMapData, { page, offset }: Selection): bigint =>
  data.addressOf(page) + BigInt(offset);

/** Bytes that are selected, on this page and behind it. */
export const selectedSize = (data: PoolMapData, { page, part }: Selection): number =>
  part === undefined ? (data.firstPart(page) === data.endPart(page) ? 0x1000 : 0x10) : data.sizeOf(part);

/** Where a block that goes on from the page before begins. */
export function blockStart(data: PoolMapData, selection: Selection): Selection {
  let at = selection;
  const group = data.groups[selection.group];
  while (group !== undefined && at.part !== undefined && at.row > 0 && data.hasFlag(at.part, 'continued')) {
    const page = group.rows[at.row - 1]!;
    if (data.numberOf(page) !== data.numberOf(at.page) - 1) break;
    const last = data.endPart(page) - 1;
    if (last < data.firstPart(page)) break;
    at = { group: at.group, row: at.row - 1, page, part: last, offset: data.offsetOf(last) };
  }
  return at;
}
