import { readU16, readU32 } from '../base/index.ts';
import { PSGSIHDR, PUBSYM32, StructView } from '../layouts/index.ts';
import type { Dbi } from './dbi.ts';
import { GsiHash } from './gsi-hash.ts';
import type { Place } from './section-map.ts';
import { nameAt, recordEnd, symbolKind } from './symbol-record.ts';

/** A symbol that other modules can link to; its name is decorated as the compiler wrote it. */
export interface PublicSymbol extends Place {
  readonly name: string;
  /** 1 code, 2 function, 4 managed, 8 MSIL. */
  readonly flags: number;
}

/** The public symbols: by name through their hash table, by place through their map, both without reading the others. */
export class PublicSymbols {
  readonly #records: Uint8Array;
  readonly #hash: GsiHash | undefined;
  /** Offsets of records, ascending by place. */
  readonly #byPlace: Uint32Array;

  constructor(dbi: Dbi) {
    this.#records = dbi.recordsStream?.bytes() ?? new Uint8Array(0);
    const bytes = dbi.publicsStream?.bytes() ?? new Uint8Array(0);
    const view = bytes.length < PSGSIHDR.size ? undefined : new StructView(PSGSIHDR, bytes);
    const hashEnd = PSGSIHDR.size + (view?.get('cbSymHash') ?? 0);
    const mapEnd = hashEnd + (view?.get('cbAddrMap') ?? 0);
    this.#hash = view === undefined ? undefined : GsiHash.read(bytes.subarray(PSGSIHDR.size, hashEnd));
    this.#byPlace = mapEnd > bytes.length ? new Uint32Array(0) : readMap(bytes.subarray(hashEnd, mapEnd));
  }

  get count(): number {
    return this.#byPlace.length;
  }

  /** The symbol at `index` of those ascending by place; undefined when its record is damaged. */
  at(index: number): PublicSymbol | undefined {
    const at = this.#byPlace[index];
    return at === undefined ? undefined : this.#decode(at);
  }

  findByName(name: string): PublicSymbol | undefined {
    for (const at of this.#hash?.candidates(name) ?? []) {
      const symbol = this.#decode(at);
      if (symbol?.name === name) return symbol;
    }
    return undefined;
  }

  /** Index of the last symbol at or before a place in the same section; of several at one place the first. */
  findIndexBefore(place: Place): number | undefined {
    const after = this.#firstAfter(place);
    const found = this.#keyAt(after - 1);
    if (found === undefined || found.section !== place.section) return undefined;
    let index = after - 1;
    for (let before = this.#keyAt(index - 1); isSame(before, found); before = this.#keyAt(index - 1)) index--;
    return index;
  }

  #firstAfter(place: Place): number {
    let low = 0;
    let high = this.#byPlace.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const key = this.#keyAt(middle);
      if (key !== undefined && compare(key, place) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Section and offset of a record without its name. */
  #keyAt(index: number): Place | undefined {
    const at = this.#byPlace[index];
    if (at === undefined || at + PUBSYM32.size > this.#records.length) return undefined;
    return { section: readU16(this.#records, at + 12), offset: readU32(this.#records, at + 8) };
  }

  #decode(at: number): PublicSymbol | undefined {
    const end = recordEnd(this.#records, at);
    if (end === undefined || end < at + PUBSYM32.size) return undefined;
    if (readU16(this.#records, at + 2) !== symbolKind.S_PUB32) return undefined;
    return {
      name: nameAt(this.#records, at + PUBSYM32.size, end),
      flags: readU32(this.#records, at + 4),
      section: readU16(this.#records, at + 12),
      offset: readU32(this.#records, at + 8),
    };
  }
}

const isSame = (a: Place | undefined, b: Place): boolean => a?.section === b.section && a.offset === b.offset;

const compare = (a: Place, b: Place): number => a.section - b.section || a.offset - b.offset;

function readMap(bytes: Uint8Array): Uint32Array {
  const offsets = new Uint32Array(Math.floor(bytes.length / 4));
  for (let index = 0; index < offsets.length; index++) offsets[index] = readU32(bytes, index * 4);
  return offsets;
}
