import type { Layout } from './layout.ts';
import type { Selection } from './places.ts';
import { selectionAt } from './places.ts';
import type { PoolMapData } from './pool-map-data.ts';

/** Where the keys lead. */
export type Move = 'left' | 'right' | 'up' | 'down' | 'first' | 'last' | 'page-up' | 'page-down';

/** The place that a key leads to from a selection; the first page where nothing is selected yet. */
export function moved(
  data: PoolMapData,
  layout: Layout,
  from: Selection | undefined,
  move: Move,
  pagesInView: number,
): Selection | undefined {
  if (data.groups.length === 0) return undefined;
  if (move === 'first' || (from === undefined && move !== 'last')) return pageAt(data, 0, 0, 0);
  if (from === undefined || move === 'last') {
    const group = data.groups.length - 1;
    return pageAt(data, group, data.groups[group]!.count - 1, 0);
  }
  const isCells = layout.step.kind === 'cells';
  if (move === 'left' || move === 'right') {
    const way = move === 'left' ? -1 : 1;
    return isCells ? besideRow(data, from, way, 0) : besidePart(data, from, way);
  }
  const way = move === 'up' || move === 'page-up' ? -1 : 1;
  const lines = move === 'up' || move === 'down' ? 1 : Math.max(1, pagesInView);
  if (isCells) return besideRow(data, from, way * lines * layout.columns, 0);
  const { step } = layout;
  const isOneStep = lines === 1 && layout.rowsPerPage > 1 && step.kind !== 'cells';
  if (isOneStep) {
    const offset = from.offset + way * step.bytesPerRow;
    if (offset >= 0 && offset < 0x1000) return pageAt(data, from.group, from.row, offset);
    return besideRow(data, from, way, (offset + 0x1000) % 0x1000);
  }
  return besideRow(data, from, way * lines, from.offset);
}

const pageAt = (data: PoolMapData, group: number, row: number, offset: number): Selection =>
  selectionAt(data, { group, row, page: data.groups[group]!.rows[row]!, offset });

/** So many rows further, into the next group where one ends. */
function besideRow(data: PoolMapData, { group, row }: Selection, by: number, offset: number): Selection {
  const to = row + by;
  const { count } = data.groups[group]!;
  if (to >= 0 && to < count) return pageAt(data, group, to, offset);
  if (to < 0) {
    const before = data.groups[group - 1];
    return before === undefined
      ? pageAt(data, group, 0, offset)
      : pageAt(data, group - 1, before.count - 1, offset);
  }
  return data.groups[group + 1] === undefined
    ? pageAt(data, group, count - 1, offset)
    : pageAt(data, group + 1, 0, offset);
}

/** The part behind or before the one that is selected; pages without parts are one step each. */
function besidePart(data: PoolMapData, from: Selection, way: -1 | 1): Selection {
  const part = nextPart(data, from, way);
  if (part !== undefined) return { ...from, part, offset: data.offsetOf(part) };
  const beside = besideRow(data, from, way, 0);
  if (beside.page === from.page) return from;
  const edge = way === 1 ? data.firstPart(beside.page) : data.endPart(beside.page) - 1;
  if (data.firstPart(beside.page) === data.endPart(beside.page))
    return { ...beside, part: undefined, offset: 0 };
  return { ...beside, part: edge, offset: data.offsetOf(edge) };
}

function nextPart(data: PoolMapData, { page, part, offset }: Selection, way: -1 | 1): number | undefined {
  const [first, end] = [data.firstPart(page), data.endPart(page)];
  if (part !== undefined) return part + way >= first && part + way < end ? part + way : undefined;
  if (way === 1) {
    for (let at = first; at < end; at++) if (data.offsetOf(at) > offset) return at;
    return undefined;
  }
  for (let at = end - 1; at >= first; at--) if (data.offsetOf(at) < offset) return at;
  return undefined;
}

/** The next part that fits, behind the selection or before it, around the end of the map; undefined: none does. */
export function nextFitting(
  data: PoolMapData,
  from: Selection | undefined,
  way: -1 | 1,
  fits: (part: number) => boolean,
  mayFit: (page: number) => boolean = () => true,
): Selection | undefined {
  const total = data.groups.reduce((sum, { count }) => sum + count, 0);
  let [group, row] = from === undefined ? [0, -1] : [from.group, from.row];
  if (from !== undefined) {
    const here = partOn(data, group, row, way, fits, from.offset);
    if (here !== undefined) return here;
  }
  for (let step = 0; step < total; step++) {
    row += way;
    if (row >= (data.groups[group]?.count ?? 0) || row < 0) {
      group = (group + way + data.groups.length) % data.groups.length;
      row = way === 1 ? 0 : data.groups[group]!.count - 1;
    }
    if (!mayFit(data.groups[group]!.rows[row]!)) continue;
    const found = partOn(data, group, row, way, fits, undefined);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The first part of a page that fits, behind an offset, or before it. */
function partOn(
  data: PoolMapData,
  group: number,
  row: number,
  way: -1 | 1,
  fits: (part: number) => boolean,
  beyond: number | undefined,
): Selection | undefined {
  const page = data.groups[group]?.rows[row];
  if (page === undefined) return undefined;
  const [first, end] = [data.firstPart(page), data.endPart(page)];
  for (let at = way === 1 ? first : end - 1; at >= first && at < end; at += way) {
    const offset = data.offsetOf(at);
    const isBeyond = beyond === undefined || (way === 1 ? offset > beyond : offset < beyond);
    if (isBeyond && fits(at) && !data.hasFlag(at, 'continued')) return { group, row, page, part: at, offset };
  }
  return undefined;
}
