import type { Layout } from '../model/layout.ts';
import type { PoolMapData } from '../model/pool-map-data.ts';
import type { TagPaints } from './palette.ts';
import type { Raster } from './raster.ts';

/** What a painter paints, and on what. */
export interface Picture {
  readonly raster: Raster;
  readonly data: PoolMapData;
  readonly layout: Layout;
  readonly paints: TagPaints;
  /** Pixels of the map above the view, and of the view, in CSS pixels. */
  readonly scroll: number;
  readonly height: number;
  /** Device pixels for one of CSS. */
  readonly scale: number;
  /** What a search found; undefined: nothing is looked for. */
  readonly found: FoundParts | undefined;
  readonly marked: MarkedBytes | undefined;
}

/** Bytes that are known to be written by somebody who should not have. */
export interface MarkedBytes {
  readonly start: bigint;
  readonly length: number;
}

/** What of a page is marked: from and to, offsets in the page; undefined: nothing. */
export function markedOn(
  marked: MarkedBytes | undefined,
  page: number,
): readonly [from: number, to: number] | undefined {
  if (marked === undefined) return undefined;
  const from = (Number(marked.start >> 12n) - page) * 0x1000 + Number(marked.start & 0xfffn);
  const to = from + marked.length;
  return from < 0x1000 && to > 0 ? [Math.max(0, from), Math.min(0x1000, to)] : undefined;
}

export interface FoundParts {
  readonly fits: (part: number) => boolean;
  /** 1 for pages that have such a part. */
  readonly pages: Uint8Array;
}
