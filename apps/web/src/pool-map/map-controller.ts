import { CensusPart } from '@poolscope/engine';
import { batch, type ReadonlySignal, signal } from '@preact/signals';
import type { PageBytesView } from '../protocol/pool-map.ts';
import { MapCanvas } from './map-canvas.ts';
import type { MapState } from './map-state.ts';
import { type Move, nextFitting } from './model/moves.ts';
import { blockStart, findAddress, type Selection, selectedAddress } from './model/places.ts';
import type { PoolMapData } from './model/pool-map-data.ts';
import { countFound, type Found, parseQuery, partTest, type Query } from './model/search.ts';
import { ViewState } from './model/view-state.ts';
import { cellsZoom, lastZoom, rowsZoom } from './model/zoom.ts';
import { PageBytesCache } from './page-bytes.ts';
import type { MarkedBytes } from './paint/picture.ts';
import { addressText, countText, selectionText } from './words.ts';

/** What the map asks of the program around it. */
export interface MapHost {
  readPage(address: bigint): Promise<PageBytesView>;
  onSelect(address: bigint | undefined): void;
}

/** A search and what it has found so far. */
export interface SearchState {
  readonly query: Query;
  readonly found: Found | undefined;
  readonly isDone: boolean;
}

const noSearch: SearchState = { query: { kind: 'none' }, found: undefined, isDone: true };

/** Between the model of the map, its canvas, and the controls around it. */
export class MapController {
  readonly view: ViewState;
  readonly level = signal(0);
  readonly selected = signal<Selection | undefined>(undefined);
  readonly hover = signal<{ readonly at: Selection; readonly x: number; readonly y: number } | undefined>(
    undefined,
  );
  readonly search = signal<SearchState>(noSearch);
  /** What screen readers are told. */
  readonly told = signal('');
  readonly #host: MapHost;
  readonly #bytes: PageBytesCache;
  #marked: MarkedBytes | undefined;
  #canvas: MapCanvas | undefined;
  #version = -1;
  /** Until somebody looks closer. */
  #isFitted = true;
  #aim: bigint | undefined;
  #isAimed = true;
  #searchRun = 0;

  constructor(map: ReadonlySignal<MapState>, host: MapHost) {
    this.#host = host;
    this.view = new ViewState(map.peek().data);
    this.#bytes = new PageBytesCache(
      (address) => host.readPage(address),
      () => this.#canvas?.drawWords(),
    );
  }

  get data(): PoolMapData {
    return this.view.data;
  }

  get canvas(): MapCanvas | undefined {
    return this.#canvas;
  }

  attach(below: HTMLCanvasElement, above: HTMLCanvasElement): MapCanvas {
    this.#bytes.use(this.data);
    this.#canvas = new MapCanvas(this.view, below, above, this.#bytes);
    this.#canvas.marked = this.#marked;
    this.#look();
    return this.#canvas;
  }

  /** Bytes that the verdict calls damaged. */
  mark(marked: MarkedBytes | undefined): void {
    this.#marked = marked;
    if (this.#canvas !== undefined) this.#canvas.marked = marked;
    this.#canvas?.draw();
  }

  detach(): void {
    this.#canvas?.close();
    this.#canvas = undefined;
  }

  resize(width: number, height: number, ratio: number): void {
    this.view.resize(width, height);
    if (this.#isFitted) this.view.fit();
    this.level.value = this.view.level;
    this.#canvas?.resize(width, height, ratio);
  }

  /** Another state of the map, or another map. */
  use({ data, version }: MapState): void {
    if (data === this.view.data && version === this.#version) return;
    if (data === this.view.data) this.view.refresh();
    else {
      this.view.show(data);
      this.#bytes.use(data);
      this.clearSearch();
      this.#isFitted = true;
    }
    this.#version = version;
    if (this.#isFitted) this.view.fit();
    this.#changed();
    if (this.search.peek().query.kind !== 'none') this.#look();
  }

  scrollBy(by: number): void {
    this.view.scrollTo(this.view.scroll + by);
    this.#canvas?.draw();
  }

  scrollTo(scroll: number): void {
    this.view.scrollTo(scroll);
    this.#canvas?.draw();
  }

  zoomBy(by: number, at?: { readonly x: number; readonly y: number }): void {
    this.#isFitted = false;
    if (at === undefined && this.view.selection !== undefined)
      this.view.zoomAround(Math.max(0, Math.min(lastZoom, this.view.level + by)));
    else this.view.zoomTo(this.view.level + by, at);
    this.#changed();
  }

  zoomTo(level: number): void {
    this.#isFitted = false;
    this.view.zoomAround(level);
    this.#changed();
  }

  /** All of the pool in sight, and so it stays while it grows. */
  fit(): void {
    this.#isFitted = true;
    this.view.fit();
    this.#changed();
  }

  hoverAt(x: number, y: number): void {
    const at = this.view.pointAt(x, y);
    const before = this.view.hover;
    this.view.hover = at;
    this.hover.value = at === undefined ? undefined : { at, x, y };
    if (before?.page !== at?.page || before?.part !== at?.part) this.#canvas?.drawWords();
  }

  leave(): void {
    this.view.hover = undefined;
    this.hover.value = undefined;
    this.#canvas?.drawWords();
  }

  selectAt(x: number, y: number): void {
    const at = this.view.pointAt(x, y);
    if (at !== undefined) this.select(blockStart(this.data, at), false);
  }

  select(selection: Selection | undefined, reveal = true): void {
    this.view.select(selection, reveal);
    this.#changed();
  }

  /** False: no page of the map has the address. */
  goTo(address: bigint, level = Math.max(rowsZoom, this.view.level)): boolean {
    this.#isFitted = false;
    const isThere = this.view.goTo(address, level);
    this.#changed();
    return isThere;
  }

  /** An address that is to be shown: once it is on the map, and unless somebody went elsewhere meanwhile. */
  aim(address: bigint | undefined): void {
    const isNew = address !== this.#aim;
    this.#aim = address;
    if (address === undefined || (this.#isAimed && !isNew)) return;
    this.#isAimed = !isNew && !this.#isFitted;
    if (this.#isAimed) return;
    if (findAddress(this.data, address) !== undefined) this.#isAimed = this.goTo(address);
  }

  move(move: Move): void {
    this.view.move(move);
    this.#changed();
  }

  enter(): void {
    this.#isFitted = false;
    this.view.enter();
    this.#changed();
  }

  /** Out by a level; from the whole pool, nothing is selected any more. */
  escape(): void {
    if (this.search.peek().query.kind !== 'none') this.clearSearch();
    else if (this.view.level > cellsZoom) this.view.leave();
    else this.view.select(undefined);
    this.#changed();
  }

  /** To the next damage, or to the one before. */
  nextDamage(way: -1 | 1): void {
    const fits = (part: number): boolean => this.data.isDamage(part);
    this.#step(nextFitting(this.data, this.view.selection, way, fits, (page) => this.data.isDamaged(page)));
  }

  /** To the next part that fits the search. */
  nextFound(way: -1 | 1): void {
    const found = this.#canvas?.found;
    if (found === undefined) return;
    const mayFit = (page: number): boolean => found.pages[page] === 1;
    this.#step(nextFitting(this.data, this.view.selection, way, found.fits, mayFit));
  }

  /** Looks for what was typed. An address is gone to at once. */
  find(typed: string): void {
    const query = parseQuery(typed);
    this.search.value = { query, found: undefined, isDone: false };
    if (query.kind === 'address') {
      const isThere = this.goTo(query.address);
      this.search.value = { query, found: { parts: isThere ? 1 : 0, bytes: 0 }, isDone: true };
      if (!isThere) this.told.value = `No page of the map has ${addressText(query.address)}`;
    }
    this.#look();
  }

  clearSearch(): void {
    this.search.value = noSearch;
    this.#look();
  }

  /** Marks what fits, and counts it in pieces so that nothing stands still. */
  #look(): void {
    const { query } = this.search.peek();
    const fits = partTest(this.data, query);
    const run = ++this.#searchRun;
    if (this.#canvas !== undefined)
      this.#canvas.found =
        fits === undefined ? undefined : { fits, pages: new Uint8Array(this.data.counts.pages) };
    this.#canvas?.draw();
    if (fits === undefined) return;
    const { pages } = this.#canvas?.found ?? {};
    const { data } = this;
    const count = countFound(data, fits, (page) => {
      if (pages !== undefined) pages[page] = 1;
    });
    const step = (): void => {
      if (run !== this.#searchRun || data !== this.data) return;
      const { done, value: found } = count.next();
      this.search.value = { query, found, isDone: done === true };
      this.#canvas?.draw();
      if (done === true) this.told.value = `${countText(found.parts)} blocks found`;
      else setTimeout(step);
    };
    step();
  }

  #step(found: Selection | undefined): void {
    if (found === undefined) {
      this.told.value = 'There is none';
      return;
    }
    this.#isFitted = false;
    if (this.view.level < rowsZoom) {
      this.view.select(found, false);
      this.view.zoomAround(rowsZoom);
    } else this.view.select(found);
    this.#changed();
  }

  #changed(): void {
    const { selection, level } = this.view;
    const before = this.selected.peek();
    batch(() => {
      this.level.value = level;
      this.selected.value = selection;
      this.hover.value = undefined;
      if (selection !== undefined && selection !== before)
        this.told.value = selectionText(this.data, selection);
    });
    if (before?.page !== selection?.page || before?.offset !== selection?.offset)
      this.#host.onSelect(selection === undefined ? undefined : selectedAddress(this.data, selection));
    this.#canvas?.draw();
  }

  /** Blocks, of which the panel shows more than where they are. */
  get hasBlock(): boolean {
    const part = this.selected.value?.part;
    return part !== undefined && this.data.partOf(part) <= CensusPart.unknown;
  }
}
