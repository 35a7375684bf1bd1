import { CensusPage, CensusPart } from '@poolscope/engine';
import { poolNames } from '../../protocol/pool-map.ts';
import { PoolMapData } from './pool-map-data.ts';

/** A part as the tests write it: offset, size, tag, what it is, and flags. */
export type MadeUpPart = readonly [
  offset: number,
  size: number,
  tag: string,
  what?: CensusPart,
  flags?: number,
];

export interface MadeUpPage {
  /** Address in pages. */
  readonly at: number;
  readonly pool?: (typeof poolNames)[number];
  readonly what?: CensusPage;
  readonly parts?: readonly MadeUpPart[];
}

/** A map out of a few pages, for tests. */
export function madeUpMap(pages: readonly MadeUpPage[], isWhole = true): PoolMapData {
  const data = new PoolMapData();
  const tags = [...new Set(pages.flatMap(({ parts = [] }) => parts.map(([, , tag]) => tag)))].filter(
    (tag) => tag !== '',
  );
  const parts = pages.flatMap((page) => page.parts ?? []);
  data.append({
    pages: {
      number: Float64Array.from(pages, ({ at }) => at),
      pool: Uint8Array.from(pages, ({ pool = 'nonpaged' }) => poolNames.indexOf(pool)),
      what: Uint8Array.from(pages, ({ what = CensusPage.whole }) => what),
      used: new Uint8Array(pages.length),
      damaged: Uint8Array.from(pages, (page) => (isDamaged(page) ? 1 : 0)),
      parts: Uint16Array.from(pages, (page) => page.parts?.length ?? 0),
    },
    parts: {
      offset: Uint16Array.from(parts, ([offset]) => offset),
      size: Uint32Array.from(parts, ([, size]) => size),
      tag: Uint16Array.from(parts, ([, , tag]) => tags.indexOf(tag) + 1),
      kind: Uint8Array.from(parts, ([, , , what = CensusPart.allocated, flags = 0]) => what | (flags << 4)),
    },
    tags: tags.map((text) => ({ text, owner: text === 'Irp ' ? 'I/O request packet (nt!io)' : undefined })),
  });
  if (isWhole) data.finish({ order: orderOf(pages), notes: [], cut: undefined });
  return data;
}

const isDamaged = ({ what, parts = [] }: MadeUpPage): boolean =>
  what === CensusPage.damaged ||
  parts.some(
    ([, , , part, flags = 0]) =>
      part === CensusPart.damage || part === CensusPart.changed || (flags & 1) === 1,
  );

function orderOf(pages: readonly MadeUpPage[]): Uint32Array<ArrayBuffer> {
  const pool = (index: number): number => poolNames.indexOf(pages[index]!.pool ?? 'nonpaged');
  const order = pages
    .map((_, index) => index)
    .sort((a, b) => pool(a) - pool(b) || pages[a]!.at - pages[b]!.at);
  return Uint32Array.from(order);
}
