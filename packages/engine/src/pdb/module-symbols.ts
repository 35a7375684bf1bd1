import { readU16, readU32 } from '../base/index.ts';
import { PROCSYM32 } from '../layouts/index.ts';
import type { Place } from './section-map.ts';
import { nameAt, recordEnd, symbolKind } from './symbol-record.ts';

/** A function with its extent. */
export interface Procedure extends Place {
  readonly name: string;
  /** Bytes of code. */
  readonly length: number;
  /** Where its record begins in the module's symbols, and where the record is that ends its scope. */
  readonly record: number;
  readonly scopeEnd: number;
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

/** First word of a module's symbols. */
const signature = 4;

const procedureKinds: readonly number[] = [
  symbolKind.S_LPROC32,
  symbolKind.S_GPROC32,
  symbolKind.S_LPROC32_ID,
  symbolKind.S_GPROC32_ID,
];
const openingKinds: readonly number[] = [symbolKind.S_BLOCK32, symbolKind.S_THUNK32, symbolKind.S_SEPCODE];
const siteKinds: readonly number[] = [symbolKind.S_INLINESITE, symbolKind.S_INLINESITE2];
const closingKinds: readonly number[] = [
  symbolKind.S_END,
  symbolKind.S_PROC_ID_END,
  symbolKind.S_INLINESITE_END,
];

/** Symbols of one module: its functions, and what was inlined into them. */
export class ModuleSymbolRecords {
  readonly #bytes: Uint8Array;
  #procedures: readonly Procedure[] | undefined;

  /** `bytes`: the symbols at the beginning of the module's stream. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes.length >= 4 && readU32(bytes, 0) === signature ? bytes : new Uint8Array(0);
  }

  /** Functions in the order of their records. */
  get procedures(): readonly Procedure[] {
    this.#procedures ??= [...this.#walkProcedures()];
    return this.#procedures;
  }

  /** The function whose code holds a place. */
  procedureAt({ section, offset }: Place): Procedure | undefined {
    return this.procedures.find(
      (each) => each.section === section && offset >= each.offset && offset - each.offset < each.length,
    );
  }

  /** What was inlined into a function, outer sites before the inner ones. */
  *inlineSites({ record, scopeEnd }: Procedure): Generator<InlineRecord> {
    let depth = 0;
    const open: boolean[] = [];
    for (const { at, kind, end } of this.#walk(record)) {
      if (at >= scopeEnd) return;
      if (siteKinds.includes(kind)) {
        open.push(true);
        const start = at + (kind === symbolKind.S_INLINESITE2 ? 20 : 16);
        if (start <= end)
          yield {
            inlinee: readU32(this.#bytes, at + 12),
            depth,
            annotations: this.#bytes.subarray(start, end),
          };
        depth++;
      } else if (openingKinds.includes(kind) || (procedureKinds.includes(kind) && at !== record))
        open.push(false);
      else if (closingKinds.includes(kind) && open.pop() === true) depth--;
    }
  }

  *#walk(start: number): Generator<{ at: number; kind: number; end: number }> {
    for (let at = start; ; ) {
      const end = recordEnd(this.#bytes, at);
      if (end === undefined) return;
      yield { at, kind: readU16(this.#bytes, at + 2), end };
      at = end;
    }
  }

  *#walkProcedures(): Generator<Procedure> {
    for (const { at, kind, end } of this.#walk(4)) {
      if (!procedureKinds.includes(kind) || end < at + PROCSYM32.size) continue;
      yield {
        name: nameAt(this.#bytes, at + PROCSYM32.size, end),
        section: readU16(this.#bytes, at + 0x24),
        offset: readU32(this.#bytes, at + 0x20),
        length: readU32(this.#bytes, at + 0x10),
        record: at,
        scopeEnd: readU32(this.#bytes, at + 8),
      };
    }
  }
}
