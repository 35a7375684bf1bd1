import {
  CensusFlag,
  CensusPage,
  CensusPart,
  type CensusTaker,
  noTag,
  type TagOwner,
  type TagOwners,
  tagText,
} from '@poolscope/engine';
import { type PoolMapPiece, poolNames, type TagFacts } from '../protocol/pool-map.ts';
import { PageRuns } from './page-runs.ts';
import { PageColumns, PartColumns } from './piece-columns.ts';

/** How large a map becomes at most. */
export interface MapLimits {
  readonly pages: number;
  readonly parts: number;
}

/** 2 million pages are 8 GB of pool, and 4 million parts about 36 MB of arrays. */
export const usualLimits: MapLimits = { pages: 1 << 21, parts: 1 << 22 };

const pagesOfPiece = 1 << 13;
const partsOfPiece = 1 << 16;
/** More than one for every byte cannot be. */
const partsOfPage = 0x1000;
const mostTags = 0xffff;
const pageSize = 0x1000;
const longestSize = 0xffff_ffff;

/** Takes what a census tells, and gives it away in pieces. */
export class MapCollector implements CensusTaker {
  readonly #limits: MapLimits;
  readonly #owners: TagOwners;
  readonly #tags = new Map<number, number>();
  readonly #runs = new PageRuns();
  readonly #pages = new PageColumns(pagesOfPiece);
  readonly #parts = new PartColumns(partsOfPiece);
  #full: PoolMapPiece[] = [];
  #newTags: TagFacts[] = [];
  #pageCount = 0;
  #partCount = 0;
  #inUse = 0;

  constructor(owners: TagOwners, limits: MapLimits = usualLimits) {
    this.#owners = owners;
    this.#limits = limits;
  }

  /** Has the map as much as is kept? */
  get isFull(): boolean {
    return this.#pageCount >= this.#limits.pages || this.#partCount >= this.#limits.parts;
  }

  /** Pages that were not given away yet. */
  get waiting(): number {
    return this.#pages.length + this.#full.length * pagesOfPiece;
  }

  page(page: number, pool: (typeof poolNames)[number], what: CensusPage): void {
    this.#endPage();
    if (this.#pages.length === pagesOfPiece || this.#parts.length > partsOfPiece - partsOfPage) this.#cut();
    const index = poolNames.indexOf(pool);
    this.#pages.add(page, index, what, what === CensusPage.damaged);
    this.#runs.add(index, page);
    this.#pageCount++;
  }

  has(page: number): boolean {
    return this.#runs.has(page);
  }

  part(offset: number, size: number, tag: number, what: CensusPart, flags: number): void {
    const { parts, damaged, length } = this.#pages;
    const last = length - 1;
    const told = parts[last];
    if (told === undefined || told === partsOfPage) return;
    this.#parts.add(offset, Math.min(size, longestSize), this.#tagIndex(tag), what | (flags << 4));
    parts[last] = told + 1;
    this.#partCount++;
    if (what === CensusPart.allocated) this.#inUse += Math.min(size, pageSize - offset);
    const isDamage = what === CensusPart.damage || what === CensusPart.changed;
    if (isDamage || (flags & CensusFlag.damaged) !== 0) damaged[last] = 1;
  }

  /** What was collected since the last time. */
  take(): PoolMapPiece[] {
    this.#endPage();
    if (this.#pages.length > 0) this.#cut();
    const pieces = this.#full;
    this.#full = [];
    return pieces;
  }

  order(): Uint32Array<ArrayBuffer> {
    return this.#runs.order();
  }

  #cut(): void {
    this.#full.push({ pages: this.#pages.take(), parts: this.#parts.take(), tags: this.#newTags });
    this.#newTags = [];
  }

  #endPage(): void {
    const { used, length } = this.#pages;
    if (length > 0) used[length - 1] = Math.min(255, Math.round((this.#inUse / pageSize) * 255));
    this.#inUse = 0;
  }

  #tagIndex(tag: number): number {
    if (tag === noTag) return 0;
    const known = this.#tags.get(tag);
    if (known !== undefined) return known;
    if (this.#tags.size >= mostTags) return 0;
    const text = tagText(tag);
    const owner = this.#owners.find(text);
    const index = this.#tags.size + 1;
    this.#tags.set(tag, index);
    this.#newTags.push({ text, owner: owner === undefined ? undefined : ownerText(owner) });
    return index;
  }
}

export const ownerText = ({ description, binary }: TagOwner): string =>
  binary === undefined ? description : `${description} (${binary})`;
