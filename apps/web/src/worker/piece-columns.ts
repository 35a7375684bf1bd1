import type { PagePiece, PartPiece } from '../protocol/pool-map.ts';

/** Arrays that are filled for one piece of the map after the other: what is given away is a copy of the filled part. */

export class PageColumns {
  length = 0;
  readonly number: Float64Array<ArrayBuffer>;
  readonly pool: Uint8Array<ArrayBuffer>;
  readonly what: Uint8Array<ArrayBuffer>;
  readonly used: Uint8Array<ArrayBuffer>;
  readonly damaged: Uint8Array<ArrayBuffer>;
  readonly parts: Uint16Array<ArrayBuffer>;

  constructor(capacity: number) {
    this.number = new Float64Array(capacity);
    this.pool = new Uint8Array(capacity);
    this.what = new Uint8Array(capacity);
    this.used = new Uint8Array(capacity);
    this.damaged = new Uint8Array(capacity);
    this.parts = new Uint16Array(capacity);
  }

  add(page: number, pool: number, what: number, isDamaged: boolean): void {
    const at = this.length++;
    this.number[at] = page;
    this.pool[at] = pool;
    this.what[at] = what;
    this.used[at] = 0;
    this.damaged[at] = isDamaged ? 1 : 0;
    this.parts[at] = 0;
  }

  take(): PagePiece {
    const { length } = this;
    this.length = 0;
    return {
      number: this.number.slice(0, length),
      pool: this.pool.slice(0, length),
      what: this.what.slice(0, length),
      used: this.used.slice(0, length),
      damaged: this.damaged.slice(0, length),
      parts: this.parts.slice(0, length),
    };
  }
}

export class PartColumns {
  length = 0;
  readonly offset: Uint16Array<ArrayBuffer>;
  readonly size: Uint32Array<ArrayBuffer>;
  readonly tag: Uint16Array<ArrayBuffer>;
  readonly kind: Uint8Array<ArrayBuffer>;

  constructor(capacity: number) {
    this.offset = new Uint16Array(capacity);
    this.size = new Uint32Array(capacity);
    this.tag = new Uint16Array(capacity);
    this.kind = new Uint8Array(capacity);
  }

  add(offset: number, size: number, tag: number, kind: number): void {
    const at = this.length++;
    this.offset[at] = offset;
    this.size[at] = size;
    this.tag[at] = tag;
    this.kind[at] = kind;
  }

  take(): PartPiece {
    const { length } = this;
    this.length = 0;
    return {
      offset: this.offset.slice(0, length),
      size: this.size.slice(0, length),
      tag: this.tag.slice(0, length),
      kind: this.kind.slice(0, length),
    };
  }
}
