import { CensusFlag, type CensusPage, CensusPart } from '@poolscope/engine';
import { type PoolMapEnd, type PoolMapPiece, poolNames, type TagFacts } from '../../protocol/pool-map.ts';
import { Column } from './column.ts';

export const pageSize = 0x1000;

/** The pages of one pool, in the order in which they are shown. */
export interface PoolGroup {
  readonly pool: (typeof poolNames)[number];
  /** Indices of pages; by address once the map is whole. */
  readonly rows: Uint32Array;
  readonly count: number;
}

/** Numbers of what the map holds. */
export interface MapCounts {
  readonly pages: number;
  readonly parts: number;
  readonly damagedPages: number;
}

/** The map of the pool on the page's side: columns of numbers, of pages and of their parts. Knows nothing of pictures. */
export class PoolMapData {
  readonly #number = new Column((length) => new Float64Array(length));
  readonly #pool = new Column((length) => new Uint8Array(length));
  readonly #what = new Column((length) => new Uint8Array(length));
  readonly #used = new Column((length) => new Uint8Array(length));
  readonly #damaged = new Column((length) => new Uint8Array(length));
  readonly #firstPart = new Column((length) => new Uint32Array(length));
  readonly #offset = new Column((length) => new Uint16Array(length));
  readonly #size = new Column((length) => new Uint32Array(length));
  readonly #tag = new Column((length) => new Uint16Array(length));
  readonly #kind = new Column((length) => new Uint8Array(length));
  readonly #tags: TagFacts[] = [{ text: '', owner: undefined }];
  #groups: readonly PoolGroup[] = [];
  #rows: Column<Uint32Array>[] = poolNames.map(() => new Column((length) => new Uint32Array(length), 64));
  readonly #counts = poolNames.map(() => 0);
  #pages = 0;
  #parts = 0;
  #damagedPages = 0;
  /** Pages by CensusPage, and parts by CensusPart. */
  readonly #pageKinds = new Uint32Array(16);
  readonly #partKinds = new Uint32Array(16);
  #end: PoolMapEnd | undefined;

  get groups(): readonly PoolGroup[] {
    return this.#groups;
  }

  get counts(): MapCounts {
    return { pages: this.#pages, parts: this.#parts, damagedPages: this.#damagedPages };
  }

  /** Bytes of all columns, with the room that they have left. */
  get byteLength(): number {
    const columns = [this.#number, this.#pool, this.#what, this.#used, this.#damaged, this.#firstPart];
    const ofParts = [this.#offset, this.#size, this.#tag, this.#kind];
    const all = [...columns, ...ofParts, ...this.#rows];
    return all.reduce((sum, { values }) => sum + values.byteLength, 0);
  }

  hasPage(...kinds: readonly CensusPage[]): boolean {
    return kinds.some((kind) => this.#pageKinds[kind]! > 0);
  }

  hasPart(...kinds: readonly CensusPart[]): boolean {
    return kinds.some((kind) => this.#partKinds[kind]! > 0);
  }

  /** Tags by index; the first stands for none. */
  get tags(): readonly TagFacts[] {
    return this.#tags;
  }

  /** What the walk said at its end; undefined: it still goes on. */
  get end(): PoolMapEnd | undefined {
    return this.#end;
  }

  /** Adds a piece. */
  append({ pages, parts, tags }: PoolMapPiece): void {
    const [count, before] = [pages.number.length, this.#pages];
    this.#number.append(before, pages.number);
    this.#pool.append(before, pages.pool);
    this.#what.append(before, pages.what);
    this.#used.append(before, pages.used);
    this.#damaged.append(before, pages.damaged);
    this.#firstPart.append(before, this.#firstParts(pages.parts));
    this.#offset.append(this.#parts, parts.offset);
    this.#size.append(this.#parts, parts.size);
    this.#tag.append(this.#parts, parts.tag);
    this.#kind.append(this.#parts, parts.kind);
    this.#parts += parts.offset.length;
    this.#pages += count;
    this.#tags.push(...tags);
    for (let index = 0; index < count; index++) {
      this.#damagedPages += pages.damaged[index]!;
      this.#pageKinds[pages.what[index]! & 0xf]!++;
    }
    for (const kind of parts.kind) this.#partKinds[kind & 0xf]!++;
    this.#file(before, pages.pool);
  }

  /** The walk is over: pages come in the order of their addresses now. */
  finish(end: PoolMapEnd): void {
    this.#end = end;
    let from = 0;
    this.#groups = poolNames.flatMap((pool, index): PoolGroup[] => {
      const count = this.#counts[index]!;
      const rows = end.order.subarray(from, from + count);
      from += count;
      return count === 0 ? [] : [{ pool, rows, count }];
    });
    this.#rows = [];
  }

  /** Address of a page in pages. */
  numberOf(page: number): number {
    return this.#number.values[page]!;
  }

  addressOf(page: number): bigint {
    return BigInt(this.#number.values[page]!) << 12n;
  }

  whatOf(page: number): CensusPage {
    return this.#what.values[page]! as CensusPage;
  }

  poolOf(page: number): (typeof poolNames)[number] {
    return poolNames[this.#pool.values[page]!]!;
  }

  /** In 255 parts. */
  usedOf(page: number): number {
    return this.#used.values[page]!;
  }

  isDamaged(page: number): boolean {
    return this.#damaged.values[page] === 1;
  }

  firstPart(page: number): number {
    return this.#firstPart.values[page]!;
  }

  /** Behind the last part of a page. */
  endPart(page: number): number {
    return page + 1 < this.#pages ? this.#firstPart.values[page + 1]! : this.#parts;
  }

  offsetOf(part: number): number {
    return this.#offset.values[part]!;
  }

  /** Bytes: more than fit the page, where a block goes on behind it. */
  sizeOf(part: number): number {
    return this.#size.values[part]!;
  }

  tagOf(part: number): number {
    return this.#tag.values[part]!;
  }

  partOf(part: number): CensusPart {
    return (this.#kind.values[part]! & 0xf) as CensusPart;
  }

  flagsOf(part: number): number {
    return this.#kind.values[part]! >>> 4;
  }

  hasFlag(part: number, flag: keyof typeof CensusFlag): boolean {
    return (this.flagsOf(part) & CensusFlag[flag]) !== 0;
  }

  isDamage(part: number): boolean {
    const what = this.partOf(part);
    return what === CensusPart.damage || what === CensusPart.changed || this.hasFlag(part, 'damaged');
  }

  /** The page of a part, by halving. */
  pageOfPart(part: number): number {
    const { values } = this.#firstPart;
    let [low, high] = [0, this.#pages - 1];
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (values[middle]! <= part) low = middle;
      else high = middle - 1;
    }
    // Pages without parts begin where the next one does.
    return low;
  }

  /** The part of a page that holds an offset; undefined: none does. */
  findPart(page: number, offset: number): number | undefined {
    let low = this.firstPart(page);
    let high = this.endPart(page);
    const first = low;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.offsetOf(middle) <= offset) low = middle + 1;
      else high = middle;
    }
    if (low === first) return undefined;
    return offset < this.offsetOf(low - 1) + this.sizeOf(low - 1) ? low - 1 : undefined;
  }

  #firstParts(counts: Uint16Array): Uint32Array<ArrayBuffer> {
    const firsts = new Uint32Array(counts.length);
    let at = this.#parts;
    for (let index = 0; index < counts.length; index++) {
      firsts[index] = at;
      at += counts[index]!;
    }
    return firsts;
  }

  /** Files new pages under their pools. */
  #file(from: number, pools: Uint8Array): void {
    for (let index = 0; index < pools.length; ) {
      const pool = pools[index]!;
      let end = index + 1;
      while (end < pools.length && pools[end] === pool) end++;
      const rows = Uint32Array.from({ length: end - index }, (_, at) => from + index + at);
      this.#rows[pool]?.append(this.#counts[pool]!, rows);
      this.#counts[pool]! += end - index;
      index = end;
    }
    this.#groups = poolNames.flatMap((pool, index): PoolGroup[] => {
      const count = this.#counts[index]!;
      return count === 0 ? [] : [{ pool, rows: this.#rows[index]!.values, count }];
    });
  }
}
