import { readU16, readU32 } from '../base/index.ts';
import {
  INLINESITESYM,
  PROCSYM32,
  SEPCODESYM,
  StructView,
  THUNKSYM32,
  TRAMPOLINESYM,
} from '../layouts/index.ts';
import { keyOf, mostAtOnePlace, PlaceIndex } from './place-index.ts';
import type { Place } from './section-map.ts';
import { nameAt, recordEnd, symbolKind } from './symbol-record.ts';

/** A function, or another piece of code that has a record of its own, with its extent. */
export interface Procedure extends Place {
  /**
   * `separated`: code of the procedure at `target` that the compiler moved away; `thunk`: a jump that the compiler made;
   * `trampoline`: a jump to `target` that the linker made.
   */
  readonly kind: 'procedure' | 'separated' | 'thunk' | 'trampoline';
  /** Empty where the name is that of `target`. */
  readonly name: string;
  /** Bytes of code. */
  readonly length: number;
  /** Where its record begins in the module's symbols, and where the record is that ends its scope. */
  readonly record: number;
  readonly scopeEnd: number;
  readonly target: Place | undefined;
}

/** An inlined function inside a procedure, as its record tells. */
export interface InlineRecord {
  /** Index of the function in the stream of items. */
  readonly inlinee: number;
  /** The enclosing sites are those that begin before and end behind this one. */
  readonly depth: number;
  /** What its code is, as compressed operations. */
  readonly annotations: Uint8Array;
}

interface SymbolRecord {
  readonly at: number;
  readonly kind: number;
  readonly end: number;
}

/** First word of a module's symbols. */
const signature = 4;
/** Sites inside of sites: compilers stop far below. */
const maxDepth = 256;

const procedureKinds: ReadonlySet<number> = new Set([
  symbolKind.S_LPROC32,
  symbolKind.S_GPROC32,
  symbolKind.S_LPROC32_ID,
  symbolKind.S_GPROC32_ID,
]);
const openingKinds: ReadonlySet<number> = new Set([
  ...procedureKinds,
  symbolKind.S_BLOCK32,
  symbolKind.S_THUNK32,
  symbolKind.S_SEPCODE,
]);
const siteKinds: ReadonlySet<number> = new Set([symbolKind.S_INLINESITE, symbolKind.S_INLINESITE2]);
const closingKinds: ReadonlySet<number> = new Set([
  symbolKind.S_END,
  symbolKind.S_PROC_ID_END,
  symbolKind.S_INLINESITE_END,
]);

/** Symbols of one module: its functions, and what was inlined into them. */
export class ModuleSymbolRecords {
  readonly #bytes: Uint8Array;
  #code: readonly Procedure[] | undefined;
  #byPlace: PlaceIndex | undefined;

  /** `bytes`: the symbols at the beginning of the module's stream. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes.length >= 4 && readU32(bytes, 0) === signature ? bytes : new Uint8Array(0);
  }

  /** Pieces of code in the order of their records. Those of section 0 were not linked and are left out. */
  get procedures(): readonly Procedure[] {
    this.#code ??= [...this.#walkProcedures()].filter(({ section }) => section !== 0);
    return this.#code;
  }

  /** The piece of code that holds a place. */
  procedureAt(place: Place): Procedure | undefined {
    const index = this.#index;
    const key = keyOf(place);
    const first = index.firstOfNearest(key);
    for (let at = first; at >= 0 && index.keys[at]! <= key && at < first + mostAtOnePlace; at++) {
      const found = this.procedures[index.values[at]!]!;
      if (key - index.keys[at]! < found.length) return found;
    }
    return undefined;
  }

  /** The procedure whose record stands at an offset. */
  procedureOfRecord(record: number): Procedure | undefined {
    const { procedures } = this;
    let [low, high] = [0, procedures.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (procedures[middle]!.record < record) low = middle + 1;
      else high = middle;
    }
    return procedures[low]?.record === record ? procedures[low] : undefined;
  }

  /** What was inlined into a function, outer sites before the inner ones. */
  *inlineSites({ record, scopeEnd }: Procedure): Generator<InlineRecord> {
    let depth = 0;
    const open: boolean[] = [];
    for (const { at, kind, end } of this.#walk(record)) {
      if (at >= scopeEnd || depth > maxDepth) return;
      if (siteKinds.has(kind)) {
        open.push(true);
        const start = at + INLINESITESYM.size + (kind === symbolKind.S_INLINESITE2 ? 4 : 0);
        if (start <= end)
          yield {
            inlinee: readU32(this.#bytes, at + 12),
            depth,
            annotations: this.#bytes.subarray(start, end),
          };
        depth++;
      } else if (openingKinds.has(kind) && at !== record) open.push(false);
      else if (closingKinds.has(kind) && open.pop() === true) depth--;
    }
  }

  /** Pieces that the compiler moved away from a procedure, in the order of their records. */
  separatedFrom(procedure: Procedure): Procedure[] {
    const key = keyOf(procedure);
    return this.procedures.filter(({ kind, target }) => kind === 'separated' && keyOf(target!) === key);
  }

  get #index(): PlaceIndex {
    this.#byPlace ??= PlaceIndex.of(this.procedures.map((each, index) => [keyOf(each), index]));
    return this.#byPlace;
  }

  *#walk(start: number): Generator<SymbolRecord> {
    for (let at = start; ; ) {
      const end = recordEnd(this.#bytes, at);
      if (end === undefined) return;
      yield { at, kind: readU16(this.#bytes, at + 2), end };
      at = end;
    }
  }

  *#walkProcedures(): Generator<Procedure> {
    for (const record of this.#walk(signature)) {
      const found = decodeCode(this.#bytes, record);
      if (found !== undefined) yield found;
    }
  }
}

function decodeCode(bytes: Uint8Array, record: SymbolRecord): Procedure | undefined {
  if (procedureKinds.has(record.kind)) return decodeProcedure(bytes, record);
  switch (record.kind) {
    case symbolKind.S_SEPCODE:
      return decodeSeparated(bytes, record);
    case symbolKind.S_THUNK32:
      return decodeThunk(bytes, record);
    case symbolKind.S_TRAMPOLINE:
      return decodeTrampoline(bytes, record);
    default:
      return undefined;
  }
}

function decodeProcedure(bytes: Uint8Array, { at, end }: SymbolRecord): Procedure | undefined {
  if (end < at + PROCSYM32.size) return undefined;
  return {
    kind: 'procedure',
    name: nameAt(bytes, at + PROCSYM32.size, end),
    section: readU16(bytes, at + 0x24),
    offset: readU32(bytes, at + 0x20),
    length: readU32(bytes, at + 0x10),
    record: at,
    scopeEnd: readU32(bytes, at + 8),
    target: undefined,
  };
}

function decodeSeparated(bytes: Uint8Array, { at, end }: SymbolRecord): Procedure | undefined {
  if (end < at + SEPCODESYM.size) return undefined;
  const view = new StructView(SEPCODESYM, bytes, at);
  return {
    kind: 'separated',
    name: '',
    section: view.get('sect'),
    offset: view.get('off'),
    length: view.get('length'),
    record: at,
    scopeEnd: view.get('pEnd'),
    target: { section: view.get('sectParent'), offset: view.get('offParent') },
  };
}

function decodeThunk(bytes: Uint8Array, { at, end }: SymbolRecord): Procedure | undefined {
  if (end < at + THUNKSYM32.size) return undefined;
  const view = new StructView(THUNKSYM32, bytes, at);
  return {
    kind: 'thunk',
    name: nameAt(bytes, at + THUNKSYM32.size, end),
    section: view.get('seg'),
    offset: view.get('off'),
    length: view.get('len'),
    record: at,
    scopeEnd: view.get('pEnd'),
    target: undefined,
  };
}

function decodeTrampoline(bytes: Uint8Array, { at, end }: SymbolRecord): Procedure | undefined {
  if (end < at + TRAMPOLINESYM.size) return undefined;
  const view = new StructView(TRAMPOLINESYM, bytes, at);
  return {
    kind: 'trampoline',
    name: '',
    section: view.get('sectThunk'),
    offset: view.get('offThunk'),
    length: view.get('cbThunk'),
    record: at,
    scopeEnd: 0,
    target: { section: view.get('sectTarget'), offset: view.get('offTarget') },
  };
}
