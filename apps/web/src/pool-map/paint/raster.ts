/** Up to here a loop is faster than the array's own way to fill. */
const narrow = 12;

/**
 * A picture in memory that is filled by rows of pixels: for hundred thousands of small boxes many times as fast as a canvas,
 * and the same everywhere. Colours are as ImageData has them on little-endian hosts: 0xAABBGGRR. Coordinates are whole
 * device pixels; what is outside is left out.
 */
export class Raster {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint32Array<ArrayBuffer>;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.pixels = new Uint32Array(width * height);
  }

  clear(color: number): void {
    this.pixels.fill(color);
  }

  fill(x0: number, y0: number, x1: number, y1: number, color: number): void {
    const left = Math.max(0, x0);
    const right = Math.min(this.width, x1);
    if (right <= left) return;
    const top = Math.max(0, y0);
    const bottom = Math.min(this.height, y1);
    const { pixels, width } = this;
    if (right - left < narrow) {
      for (let line = top * width, end = bottom * width; line < end; line += width)
        for (let at = line + left; at < line + right; at++) pixels[at] = color;
      return;
    }
    for (let y = top; y < bottom; y++) pixels.fill(color, y * width + left, y * width + right);
  }

  /**
   * Slanted stripes of `on`, so many pixels wide, every `period` pixels; twice their width without one. They fit together over
   * neighbours.
   */
  hatch(
    x0: number,
    y0: number,
    x1: number,
    y1: number,
    on: number,
    off: number,
    wide: number,
    period = wide * 2,
  ): void {
    this.#each(x0, y0, x1, y1, (x, y) => ((x + y) % period < wide ? on : off));
  }

  /** Stripes in both directions. */
  crossHatch(x0: number, y0: number, x1: number, y1: number, on: number, off: number, period: number): void {
    const large = period * 4096;
    this.#each(x0, y0, x1, y1, (x, y) => ((x + y) % period < 1 || (x - y + large) % period < 1 ? on : off));
  }

  /** Points on a grid. */
  dots(x0: number, y0: number, x1: number, y1: number, on: number, off: number, period: number): void {
    const point = Math.max(1, Math.floor(period / 4));
    this.#each(x0, y0, x1, y1, (x, y) => {
      const shift = (Math.floor(y / period) & 1) * Math.floor(period / 2);
      return (x + shift) % period < point && y % period < point ? on : off;
    });
  }

  /** A line around the inside of a box, solid or dashed. */
  outline(x0: number, y0: number, x1: number, y1: number, color: number, thick: number, dash = 0): void {
    if (dash === 0) {
      this.fill(x0, y0, x1, y0 + thick, color);
      this.fill(x0, y1 - thick, x1, y1, color);
      this.fill(x0, y0, x0 + thick, y1, color);
      this.fill(x1 - thick, y0, x1, y1, color);
      return;
    }
    const period = dash * 2;
    const from = Math.floor(x0 / period) * period;
    for (let x = from; x < x1; x += period) {
      const [left, right] = [Math.max(x, x0), Math.min(x + dash, x1)];
      this.fill(left, y0, right, y0 + thick, color);
      this.fill(left, y1 - thick, right, y1, color);
    }
    for (let y = y0; y < y1; y += period) {
      this.fill(x0, y, x0 + thick, Math.min(y + dash, y1), color);
      this.fill(x1 - thick, y, x1, Math.min(y + dash, y1), color);
    }
  }

  #each(x0: number, y0: number, x1: number, y1: number, colorOf: (x: number, y: number) => number): void {
    const [left, right] = [Math.max(0, x0), Math.min(this.width, x1)];
    const [top, bottom] = [Math.max(0, y0), Math.min(this.height, y1)];
    for (let y = top; y < bottom; y++)
      for (let x = left; x < right; x++) this.pixels[y * this.width + x] = colorOf(x, y);
  }
}

/** `rgb(1, 2, 3)`, `rgba(...)` or `#aabbcc` as a number of the raster; black where it is none of these. */
export function packColor(text: string): number {
  const hex = /^#([\da-f]{6})$/i.exec(text.trim())?.[1];
  if (hex !== undefined) {
    const value = Number.parseInt(hex, 16);
    return pack((value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
  }
  const short = /^#([\da-f])([\da-f])([\da-f])$/i.exec(text.trim());
  if (short !== null) {
    const [red, green, blue] = short.slice(1).map((digit) => Number.parseInt(digit, 16) * 17);
    return pack(red!, green!, blue!);
  }
  const parts = /^rgba?\(([^)]*)\)$/
    .exec(text.trim())?.[1]
    ?.split(/[\s,/]+/)
    .map(Number);
  return parts === undefined ? pack(0, 0, 0) : pack(parts[0] ?? 0, parts[1] ?? 0, parts[2] ?? 0);
}

const pack = (red: number, green: number, blue: number): number =>
  (0xff000000 | (blue << 16) | (green << 8) | red) >>> 0;

/** Some of one color in another: 0 gives `a`, 1 gives `b`. */
export function mixColors(a: number, b: number, share: number): number {
  const channel = (shift: number): number => {
    const [from, to] = [(a >>> shift) & 0xff, (b >>> shift) & 0xff];
    return Math.round(from + (to - from) * share);
  };
  return pack(channel(0), channel(8), channel(16));
}

/** As the page's styles write it. */
export const colorText = (color: number): string =>
  `#${[0, 8, 16].map((shift) => ((color >>> shift) & 0xff).toString(16).padStart(2, '0')).join('')}`;
