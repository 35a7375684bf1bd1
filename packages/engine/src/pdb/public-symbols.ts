import { readU16, readU32, utf8Bytes } from '../base/index.ts';
import { PSGSIHDR, PUBSYM32, StructView } from '../layouts/index.ts';
import type { Dbi } from './dbi.ts';
import { GsiHash } from './gsi-hash.ts';
import { keyOf, PlaceIndex, placeKey } from './place-index.ts';
import type { Place } from './section-map.ts';
import { isNamed, nameAt, RecordStarts, recordEnd, symbolKind } from './symbol-record.ts';

/** A symbol that other modules can link to; its name is decorated as the compiler wrote it. */
export interface PublicSymbol extends Place {
  readonly name: string;
  /** 1 code, 2 function, 4 managed, 8 MSIL. */
  readonly flags: number;
}

/** Jumps of an incrementally linked program: where their table begins, and how long each is. */
export interface ThunkTable extends Place {
  readonly count: number;
  /** Bytes of one. */
  readonly size: number;
}

/** The public symbols: by name through their hash table, by place through their map, both without reading the others. */
export class PublicSymbols {
  /** The table of jumps that the linker made; empty in most programs. */
  readonly thunks: ThunkTable;
  readonly #records: Uint8Array;
  readonly #hash: GsiHash | undefined;
  readonly #map: Uint8Array;
  #byPlace: PlaceIndex | undefined;

  constructor(dbi: Dbi) {
    this.#records = dbi.symbolRecords;
    const bytes = dbi.publicsStream?.bytes() ?? new Uint8Array(0);
    const view = bytes.length < PSGSIHDR.size ? undefined : new StructView(PSGSIHDR, bytes);
    const hashEnd = PSGSIHDR.size + (view?.get('cbSymHash') ?? 0);
    const mapEnd = hashEnd + (view?.get('cbAddrMap') ?? 0);
    this.#hash = view === undefined ? undefined : GsiHash.read(bytes.subarray(PSGSIHDR.size, hashEnd));
    this.#map = mapEnd > bytes.length ? new Uint8Array(0) : bytes.subarray(hashEnd, mapEnd);
    this.thunks = {
      section: view?.get('isectThunkTable') ?? 0,
      offset: view?.get('offThunkTable') ?? 0,
      count: view?.get('nThunks') ?? 0,
      size: view?.get('cbSizeOfThunk') ?? 0,
    };
  }

  get count(): number {
    return this.#index.keys.length;
  }

  /** The symbol at `index` of those ascending by place. */
  at(index: number): PublicSymbol | undefined {
    const at = this.#index.values[index];
    return at === undefined ? undefined : this.#decode(at);
  }

  /** Place of the symbol at `index` as one number, see `placeKey`. */
  keyAt(index: number): number {
    return this.#index.keys[index]!;
  }

  /** `ignoreCase`: letters of ASCII in any case; the table hashes both alike. */
  findByName(name: string, ignoreCase = false): PublicSymbol | undefined {
    const wanted = utf8Bytes(name);
    for (const at of this.#hash?.candidates(name) ?? []) {
      const end = this.#endOf(at);
      if (end !== undefined && isNamed(this.#records, at + PUBSYM32.size, end, wanted, ignoreCase))
        return this.#decode(at);
    }
    return undefined;
  }

  /** Index of the last symbol at or before a place in the same section; of several at one place the first. */
  findIndexBefore(place: Place): number | undefined {
    const found = this.#index.firstOfNearest(keyOf(place));
    return found < 0 || this.#index.keys[found]! < placeKey(place.section, 0) ? undefined : found;
  }

  get #index(): PlaceIndex {
    this.#byPlace ??= this.#readMap();
    return this.#byPlace;
  }

  /** Offsets of records, ascending by place as the linker sorts them; what leads to no record is left out. */
  #readMap(): PlaceIndex {
    const count = this.#map.length >>> 2;
    const keys = new Float64Array(count);
    const values = new Uint32Array(count);
    const starts = new RecordStarts(this.#records);
    let used = 0;
    for (let index = 0; index < count; index++) {
      const at = readU32(this.#map, index * 4);
      if (!starts.take(at) || this.#endOf(at) === undefined) continue;
      keys[used] = placeKey(readU16(this.#records, at + 12), readU32(this.#records, at + 8));
      values[used++] = at;
    }
    return new PlaceIndex(keys.subarray(0, used), values.subarray(0, used));
  }

  /** End of the public symbol's record at `at`; undefined when there is none. */
  #endOf(at: number): number | undefined {
    const end = recordEnd(this.#records, at);
    const isPublic = end !== undefined && readU16(this.#records, at + 2) === symbolKind.S_PUB32;
    return isPublic && end >= at + PUBSYM32.size ? end : undefined;
  }

  #decode(at: number): PublicSymbol | undefined {
    const end = this.#endOf(at);
    if (end === undefined) return undefined;
    return {
      name: nameAt(this.#records, at + PUBSYM32.size, end),
      flags: readU32(this.#records, at + 4),
      section: readU16(this.#records, at + 12),
      offset: readU32(this.#records, at + 8),
    };
  }
}
