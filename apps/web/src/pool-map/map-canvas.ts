import { CensusPage } from '@poolscope/engine';
import type { PageBytesView } from '../protocol/pool-map.ts';
import type { ViewState } from './model/view-state.ts';
import { drawBytes } from './paint/byte-labels.ts';
import { drawFrames, drawLabels, drawSticky, type Fonts, type LabelPaper } from './paint/labels.ts';
import { paintBytes } from './paint/paint-bytes.ts';
import { paintCells } from './paint/paint-cells.ts';
import { paintRows } from './paint/paint-rows.ts';
import { type Palette, readPalette, TagPaints } from './paint/palette.ts';
import type { FoundParts, MarkedBytes, Picture } from './paint/picture.ts';
import { Raster } from './paint/raster.ts';
import { drawScrollBar } from './paint/scroll-bar.ts';

/** More pixels than this for one of CSS are not worth their time. */
const mostScale = 2;

/** What the canvas asks of its surroundings. */
export interface BytesSource {
  /** Bytes of a page, or undefined while they are being fetched. */
  bytesOf(page: number): PageBytesView | undefined;
}

/** Two canvases over each other: the pixels of the map below, words and frames above. Draws once a frame at most. */
export class MapCanvas {
  /** Bytes of the header of a block. */
  headerSize = 16;
  found: FoundParts | undefined;
  marked: MarkedBytes | undefined;
  readonly #view: ViewState;
  readonly #below: HTMLCanvasElement;
  readonly #above: HTMLCanvasElement;
  readonly #bytes: BytesSource;
  #palette: Palette;
  #paints: TagPaints;
  #fonts: Fonts;
  #raster: Raster | undefined;
  #image: ImageData | undefined;
  #frame = 0;
  #needsPixels = true;
  #scale = 1;

  constructor(view: ViewState, below: HTMLCanvasElement, above: HTMLCanvasElement, bytes: BytesSource) {
    this.#view = view;
    this.#below = below;
    this.#above = above;
    this.#bytes = bytes;
    ({ palette: this.#palette, fonts: this.#fonts } = readStyles(above));
    this.#paints = new TagPaints(this.#palette);
  }

  get palette(): Palette {
    return this.#palette;
  }

  /** Other colours: dark or light. */
  restyle(): void {
    ({ palette: this.#palette, fonts: this.#fonts } = readStyles(this.#above));
    this.#paints = new TagPaints(this.#palette);
    this.draw();
  }

  resize(width: number, height: number, ratio: number): void {
    this.#scale = Math.min(ratio, mostScale);
    for (const canvas of [this.#below, this.#above]) {
      canvas.width = Math.max(1, Math.round(width * this.#scale));
      canvas.height = Math.max(1, Math.round(height * this.#scale));
    }
    const { width: wide, height: tall } = this.#below;
    this.#raster = new Raster(wide, tall);
    this.#image = new ImageData(new Uint8ClampedArray(this.#raster.pixels.buffer), wide, tall);
    this.draw();
  }

  /** Everything anew, in the next frame. */
  draw(): void {
    this.#needsPixels = true;
    this.drawWords();
  }

  /** Only what is above the pixels: frames move with the pointer. */
  drawWords(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.drawNow();
    });
  }

  /** At once; returns the milliseconds that it took. */
  drawNow(): number {
    const start = performance.now();
    if (this.#needsPixels) this.#drawPixels();
    this.#needsPixels = false;
    this.#drawAbove();
    return performance.now() - start;
  }

  close(): void {
    cancelAnimationFrame(this.#frame);
  }

  #drawPixels(): void {
    const raster = this.#raster;
    const context = this.#below.getContext('2d', { alpha: false, willReadFrequently: true });
    if (raster === undefined || this.#image === undefined || context === null) return;
    const { data, layout, scroll, height } = this.#view;
    this.#paints.update(data.tags);
    raster.clear(this.#palette.colors.paper);
    const picture: Picture = {
      raster,
      data,
      layout,
      paints: this.#paints,
      scroll,
      height,
      scale: this.#scale,
      found: this.found,
      marked: this.marked,
    };
    if (layout.step.kind === 'cells') paintCells(picture);
    else if (layout.step.kind === 'rows') paintRows(picture);
    else paintBytes(picture, this.headerSize);
    context.putImageData(this.#image, 0, 0);
  }

  #drawAbove(): void {
    const context = this.#above.getContext('2d');
    if (context === null) return;
    context.setTransform(this.#scale, 0, 0, this.#scale, 0, 0);
    context.clearRect(0, 0, this.#view.width, this.#view.height);
    const paper: LabelPaper = {
      context,
      view: this.#view,
      palette: this.#palette,
      fonts: this.#fonts,
      marked: this.marked,
      found: this.found,
    };
    drawLabels(paper);
    drawBytes(paper, (page) =>
      this.#view.data.whatOf(page) === CensusPage.unreadable ? undefined : this.#bytes.bytesOf(page),
    );
    drawFrames(paper);
    drawSticky(paper);
    drawScrollBar(paper);
  }
}

function readStyles(element: HTMLElement): { readonly palette: Palette; readonly fonts: Fonts } {
  const style = getComputedStyle(element);
  const read = (property: string): string => style.getPropertyValue(property).trim();
  return {
    palette: readPalette(read),
    fonts: { mono: read('--pool-mono') || 'monospace', text: read('--pool-sans') || 'sans-serif' },
  };
}
