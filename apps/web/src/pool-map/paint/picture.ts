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
}

export interface FoundParts {
  readonly fits: (part: number) => boolean;
  /** 1 for pages that have such a part. */
  readonly pages: Uint8Array;
}
