import type { PoolGroup } from './pool-map-data.ts';
import type { ZoomStep } from './zoom.ts';

/** Where a group of pages stands, in CSS pixels from the top of the map. */
export interface PlacedGroup {
  readonly group: PoolGroup;
  readonly index: number;
  /** Of its heading. */
  readonly top: number;
  /** Of its first page. */
  readonly start: number;
  readonly end: number;
}

/** A place in the pool. */
export interface Place {
  readonly group: number;
  /** Row of the group: index in `rows`. */
  readonly row: number;
  /** Index of the page. */
  readonly page: number;
  /** In the page; whole pages in cells have 0. */
  readonly offset: number;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const pageSize = 0x1000;
const headingHeight = 34;
/** In front of the rows of a page, where it has several. */
const captionHeight = 26;
const endMargin = 12;
/** Room for addresses. */
const wideGutter = 118;
const narrowGutter = 62;
/** Views narrower than this show short addresses. */
const narrow = 620;
const rightMargin = 22;
const leftMargin = 14;

/** Where everything stands at one zoom and width: arithmetic alone, so that a million pages cost no more than one. */
export class Layout {
  readonly step: ZoomStep;
  readonly isNarrow: boolean;
  /** Left edge of the pages, and their width. */
  readonly left: number;
  readonly width: number;
  readonly groups: readonly PlacedGroup[];
  readonly height: number;
  /** Rows that one page has; columns of cells. */
  readonly rowsPerPage: number;
  readonly columns: number;
  /** From the top of one page to the top of the next; of a row of cells. */
  readonly pitch: number;
  readonly caption: number;

  constructor(groups: readonly PoolGroup[], step: ZoomStep, viewWidth: number) {
    this.step = step;
    this.isNarrow = viewWidth < narrow;
    const gutter = this.isNarrow ? narrowGutter : wideGutter;
    this.left = leftMargin + gutter;
    this.width = Math.max(64, viewWidth - this.left - rightMargin);
    if (step.kind === 'cells') {
      this.columns = cellColumns(Math.max(1, Math.floor(this.width / step.cell)));
      this.rowsPerPage = 1;
      this.caption = 0;
      this.pitch = step.cell;
    } else {
      this.columns = 1;
      this.rowsPerPage = pageSize / step.bytesPerRow;
      this.caption = this.rowsPerPage > 1 ? captionHeight : 0;
      this.pitch = this.caption + this.rowsPerPage * step.rowHeight + (this.caption > 0 ? endMargin : 0);
    }
    let top = 0;
    this.groups = groups.map((group, index): PlacedGroup => {
      const start = top + headingHeight;
      const end = start + Math.ceil(group.count / this.columns) * this.pitch;
      const placed = { group, index, top, start, end };
      top = end + endMargin;
      return placed;
    });
    this.height = top;
  }

  /** What is at a point of the map; undefined: a heading, a margin. */
  placeAt(x: number, y: number): Place | undefined {
    const placed = this.groups.find(({ start, end }) => y >= start && y < end);
    const across = x - this.left;
    if (placed === undefined || across < 0 || across >= this.width) return undefined;
    const { group, index, start } = placed;
    const line = Math.floor((y - start) / this.pitch);
    if (this.step.kind === 'cells') {
      const column = Math.floor(across / this.step.cell);
      const row = line * this.columns + column;
      if (column >= this.columns || row >= group.count) return undefined;
      return { group: index, row, page: group.rows[row]!, offset: 0 };
    }
    if (line >= group.count) return undefined;
    const { bytesPerRow, rowHeight } = this.step;
    const within = Math.floor((y - start - line * this.pitch - this.caption) / rowHeight);
    if (within < 0 || within >= this.rowsPerPage) return undefined;
    const offset = within * bytesPerRow + Math.floor((across / this.width) * bytesPerRow);
    return { group: index, row: line, page: group.rows[line]!, offset };
  }

  /** The top of the line that an offset of a page is on. */
  topOf(group: number, row: number, offset: number): number {
    const placed = this.groups[group];
    if (placed === undefined) return 0;
    const top = placed.start + Math.floor(row / this.columns) * this.pitch;
    if (this.step.kind === 'cells') return top;
    return top + this.caption + Math.floor(offset / this.step.bytesPerRow) * this.step.rowHeight;
  }

  /** Where bytes of a page are: a box for every row that they touch. */
  boxesOf(group: number, row: number, offset: number, size: number): Box[] {
    const { step } = this;
    const y = this.topOf(group, row, 0);
    if (step.kind === 'cells')
      return [{ x: this.left + (row % this.columns) * step.cell, y, width: step.cell, height: step.cell }];
    const { bytesPerRow, rowHeight } = step;
    const end = Math.min(pageSize, offset + size);
    const boxes: Box[] = [];
    for (let line = Math.floor(offset / bytesPerRow); line * bytesPerRow < end; line++) {
      const from = Math.max(0, offset - line * bytesPerRow);
      const to = Math.min(bytesPerRow, end - line * bytesPerRow);
      const x = this.left + (from / bytesPerRow) * this.width;
      const width = ((to - from) / bytesPerRow) * this.width;
      boxes.push({ x, y: y + line * rowHeight, width, height: rowHeight });
    }
    return boxes;
  }

  /** Pages of a group that are between two heights: from the first row to behind the last. */
  rowsBetween(
    { group, start }: PlacedGroup,
    from: number,
    to: number,
  ): readonly [first: number, end: number] {
    const first = Math.max(0, Math.floor((from - start) / this.pitch)) * this.columns;
    const end = Math.min(group.count, Math.ceil((to - start) / this.pitch) * this.columns);
    return [first, Math.max(first, end)];
  }
}

/** Rows of cells hold a power of two of pages where that fits, so that addresses in front of them are round. */
function cellColumns(fitting: number): number {
  const round = fitting < 16 ? 8 : 16;
  return fitting < round ? fitting : Math.floor(fitting / round) * round;
}
