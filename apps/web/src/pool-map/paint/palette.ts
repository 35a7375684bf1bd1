import { tagColour } from '../../parts/tag-colour.ts';
import type { TagFacts } from '../../protocol/pool-map.ts';
import { mixColors, packColor } from './raster.ts';

/** Colours of tags that the styles define: `--tag0` and so on. */
const tagColors = 8;

const names = [
  'paper',
  'ink',
  'dim',
  'line',
  'edge',
  'soft',
  'hot',
  'hot-soft',
  'accent',
  'page',
  'page-large',
  'page-special',
  'page-other',
  'tag-none',
] as const;
type ColorName = (typeof names)[number];

/** All colours of the map, read once from the styles. */
export interface Palette {
  readonly colors: Readonly<Record<ColorName, number>>;
  /** As the styles write them. */
  readonly text: Readonly<Record<ColorName, string>>;
  readonly tags: readonly number[];
  /** Levels of how much of a page is in use. */
  readonly pageLevels: readonly number[];
  readonly isDark: boolean;
}

export const pageLevels = 6;

/** Reads the custom properties of an element. */
export function readPalette(read: (property: string) => string): Palette {
  const entries = names.map((name) => [name, read(`--pool-${name}`)] as const);
  const text = Object.fromEntries(entries) as Record<ColorName, string>;
  const colors = Object.fromEntries(entries.map(([name, value]) => [name, packColor(value)])) as Record<
    ColorName,
    number
  >;
  const tags = Array.from({ length: tagColors }, (_, index) => packColor(read(`--tag${index}`)));
  return {
    colors,
    text,
    tags,
    pageLevels: Array.from({ length: pageLevels }, (_, level) =>
      mixColors(colors.soft, colors.page, 0.16 + (0.84 * level) / (pageLevels - 1)),
    ),
    isDark: (colors.paper & 0xff) < 0x80,
  };
}

/** The colours of all tags of a map, in the forms that the painters need. */
export class TagPaints {
  readonly palette: Palette;
  /** By index of the tag. */
  fills = new Uint32Array(0);
  /** Pale: put aside, behind bytes, and what a search did not find. */
  pale = new Uint32Array(0);
  faint = new Uint32Array(0);

  constructor(palette: Palette) {
    this.palette = palette;
  }

  /** Tags become more while a map is read. */
  update(tags: readonly TagFacts[]): void {
    if (tags.length === this.fills.length) return;
    const { colors, tags: hues } = this.palette;
    this.fills = Uint32Array.from(tags, ({ text }) =>
      text === '' ? colors['tag-none'] : hues[tagColour(text.trim())]!,
    );
    this.pale = this.fills.map((color) => mixColors(colors.paper, color, 0.4));
    this.faint = this.fills.map((color) => mixColors(colors.paper, color, 0.14));
  }
}
