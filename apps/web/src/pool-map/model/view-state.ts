import { Layout, type Place } from './layout.ts';
import { type Move, moved } from './moves.ts';
import { blockStart, findAddress, refound, type Selection, selectionAt } from './places.ts';
import type { PoolMapData } from './pool-map-data.ts';
import { bytesZoom, cellsZoom, lastZoom, pageZoom, rowsZoom, zoomStep } from './zoom.ts';

/** Height that stays free above and below what is brought into view. */
const revealMargin = 64;
const rowsForCells = 3;

/** What part of the map is in sight, and what is selected. Knows nothing of the page around it. */
export class ViewState {
  data: PoolMapData;
  level = 0;
  scroll = 0;
  selection: Selection | undefined;
  hover: Selection | undefined;
  #width = 800;
  #height = 600;
  #layout: Layout | undefined;

  constructor(data: PoolMapData) {
    this.data = data;
  }

  get width(): number {
    return this.#width;
  }

  get height(): number {
    return this.#height;
  }

  get layout(): Layout {
    this.#layout ??= new Layout(this.data.groups, zoomStep(this.level, this.#width), this.#width);
    return this.#layout;
  }

  /** Another size of the view, in CSS pixels. */
  resize(width: number, height: number): void {
    this.#keeping(() => {
      this.#width = Math.max(120, width);
      this.#height = Math.max(80, height);
    });
  }

  /** Pages were added, or put in order: what was at the top stays there. */
  refresh(): void {
    const { selection } = this;
    this.#keeping(() => undefined);
    this.selection = selection === undefined ? undefined : refound(this.data, selection);
    this.hover = undefined;
  }

  show(data: PoolMapData): void {
    this.data = data;
    this.selection = undefined;
    this.hover = undefined;
    this.scroll = 0;
    this.#layout = undefined;
  }

  scrollTo(scroll: number): void {
    this.scroll = Math.max(0, Math.min(scroll, this.layout.height - this.#height));
  }

  /** What is under a point of the view. */
  placeAt(x: number, y: number): Place | undefined {
    return this.layout.placeAt(x, y + this.scroll);
  }

  pointAt(x: number, y: number): Selection | undefined {
    const place = this.placeAt(x, y);
    return place === undefined ? undefined : selectionAt(this.data, place);
  }

  /** The largest squares with which the whole pool is in sight; the smallest where it never is. */
  fit(): void {
    for (let level = cellsZoom; level >= 0; level--) {
      this.level = level;
      this.#layout = undefined;
      if (this.layout.height <= this.#height) break;
    }
    this.scrollTo(0);
  }

  /** Changes the zoom; what is at a height of the view stays there. */
  zoomTo(level: number, at?: { readonly x: number; readonly y: number }): void {
    const wanted = Math.max(0, Math.min(lastZoom, level));
    if (wanted === this.level) return;
    const anchor = at === undefined ? this.#middle() : { place: this.#near(at.x, at.y), y: at.y };
    this.level = wanted;
    this.#layout = undefined;
    if (anchor.place === undefined) this.scrollTo(0);
    else this.#put(anchor.place, anchor.y);
  }

  select(selection: Selection | undefined, reveal = true): void {
    this.selection = selection;
    if (selection !== undefined && reveal) this.reveal(selection);
  }

  /** Selects the block at an address; false: no page of the map has it. */
  goTo(address: bigint, level?: number): boolean {
    const found = findAddress(this.data, address);
    if (found === undefined) return false;
    if (level !== undefined && level !== this.level) {
      this.level = level;
      this.#layout = undefined;
    }
    const block = blockStart(this.data, found);
    this.selection = block;
    this.#put(block, this.#height / 3);
    return true;
  }

  move(move: Move): void {
    const pages = Math.max(1, Math.floor(this.#height / this.layout.pitch) - 1);
    this.select(moved(this.data, this.layout, this.selection, move, pages));
  }

  /** One step closer: to a level where what is selected has its next form. */
  enter(): void {
    const next = this.level < rowsZoom ? rowsZoom : this.level < pageZoom ? pageZoom : bytesZoom;
    this.zoomAround(next);
  }

  leave(): void {
    if (this.level > pageZoom) this.zoomAround(pageZoom);
    else if (this.level > rowsZoom) this.zoomAround(rowsZoom);
    else this.fit();
  }

  /** Zooms so that what is selected stays in sight. */
  zoomAround(level: number): void {
    const { selection } = this;
    if (selection === undefined) {
      this.zoomTo(level);
      return;
    }
    this.level = Math.max(0, Math.min(lastZoom, level));
    this.#layout = undefined;
    this.#put(selection, this.#height / 3);
  }

  reveal({ group, row, offset }: Selection): void {
    const top = this.layout.topOf(group, row, offset);
    const { step } = this.layout;
    const size = step.kind === 'cells' ? step.cell * rowsForCells : step.rowHeight;
    const margin = Math.min(revealMargin, this.#height / 4);
    if (top < this.scroll + margin) this.scrollTo(top - margin);
    else if (top + size > this.scroll + this.#height - margin)
      this.scrollTo(top + size - this.#height + margin);
    else this.scrollTo(this.scroll);
  }

  /** Where the middle of the view is, or the nearest page to it. */
  #middle(): { readonly place: Place | undefined; readonly y: number } {
    const y = this.#height / 2;
    return { place: this.#near(this.layout.left + 1, y), y };
  }

  #near(x: number, y: number): Place | undefined {
    const { layout } = this;
    const across = Math.max(layout.left, Math.min(x, layout.left + layout.width - 1));
    for (let away = 0; away < this.#height; away += 4) {
      const place = this.placeAt(across, y + away) ?? this.placeAt(across, y - away);
      if (place !== undefined) return place;
    }
    return undefined;
  }

  #put({ group, row, offset }: Pick<Place, 'group' | 'row' | 'offset'>, y: number): void {
    this.scrollTo(this.layout.topOf(group, row, offset) - y);
  }

  /** Does something after which all stands elsewhere: what is selected and in sight stays there, else what is at the top. */
  #keeping(work: () => void): void {
    const anchor = this.#anchor();
    const address = anchor === undefined ? undefined : this.data.addressOf(anchor.page);
    const away = anchor === undefined ? 0 : this.#heightOf(anchor);
    work();
    this.#layout = undefined;
    const found = address === undefined ? undefined : findAddress(this.data, address);
    if (found === undefined || anchor === undefined) this.scrollTo(this.scroll);
    else this.#put({ ...found, offset: anchor.offset }, away);
  }

  #anchor(): Place | Selection | undefined {
    const { selection } = this;
    if (selection !== undefined) {
      const y = this.#heightOf(selection);
      if (y >= 0 && y < this.#height) return selection;
    }
    return this.scroll === 0 ? undefined : this.#near(this.layout.left + 1, 0);
  }

  /** In the view. */
  #heightOf({ group, row, offset }: Pick<Place, 'group' | 'row' | 'offset'>): number {
    return this.layout.topOf(group, row, offset) - this.scroll;
  }
}
