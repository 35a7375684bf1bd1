import { INLINESITESYM, PROCSYM32 } from '@poolscope/engine/layouts';
import { structBytes } from '../bytes/struct-writer.ts';
import type { Architecture } from '../image/image-spec.ts';
import { ByteWriter } from './byte-writer.ts';
import { symbol, symbolRecord } from './code-view.ts';
import type { LinkedSection, Place } from './link-order.ts';

/** First word of a module's symbols: the form since Visual C++ 7. */
const signature = 4;
/** Bytes of a record's length and kind. */
const headSize = 4;
/** CV_CPU_TYPE_e. Source: cvinfo.h. */
const processors: Readonly<Record<Architecture, number>> = { x64: 0xd0, x86: 0x07, arm64: 0xf6 };
const maker = 'poolscope lab';
const pageShift = 12;

export interface ProcedureFacts {
  readonly name: string;
  readonly place: Place;
  readonly size: number;
  /** Offset of the first instruction behind the prolog. */
  readonly bodyAt: number;
  /** Can other modules call it? */
  readonly isGlobal: boolean;
}

/** Symbols of one module, one behind the other. Scopes are open until `end` closes them. */
export class ModuleSymbols {
  readonly #out = new ByteWriter().u32(signature);
  readonly #open: { readonly at: number; readonly endKind: number }[] = [];

  constructor(objectFile: string, architecture: Architecture) {
    this.#add(symbolRecord(symbol.S_OBJNAME, (to) => to.u32(0).text(objectFile)));
    const compiler = symbolRecord(symbol.S_COMPILE3, (to) =>
      to.u32(0).u16(processors[architecture], 0, 0, 0, 0, 0, 0, 0, 0).text(maker),
    );
    this.#add(compiler);
  }

  /** Opens a procedure; gives the offset of its record. */
  procedure({ name, place, size, bodyAt, isGlobal }: ProcedureFacts): number {
    const fixed = structBytes(PROCSYM32, {
      len: size,
      DbgStart: bodyAt,
      DbgEnd: size,
      off: place.offset,
      seg: place.section,
    });
    const kind = isGlobal ? symbol.S_GPROC32 : symbol.S_LPROC32;
    const record = symbolRecord(kind, (to) => to.raw(fixed.subarray(headSize)).text(name));
    return this.#begin(record, symbol.S_END);
  }

  /** Opens a scope without a name. */
  block({ section, offset }: Place, size: number): void {
    const record = symbolRecord(symbol.S_BLOCK32, (to) => to.u32(0, 0, size, offset).u16(section).text(''));
    this.#begin(record, symbol.S_END);
  }

  /** Opens an inlined function: its index in the stream of items, and the operations that tell its code. */
  inlineSite(inlinee: number, annotations: Uint8Array): void {
    const fixed = structBytes(INLINESITESYM, { inlinee });
    const record = symbolRecord(symbol.S_INLINESITE, (to) =>
      to.raw(fixed.subarray(headSize)).raw(annotations),
    );
    this.#begin(record, symbol.S_INLINESITE_END);
  }

  label(name: string, { section, offset }: Place): void {
    this.#add(symbolRecord(symbol.S_LABEL32, (to) => to.u32(offset).u16(section).u8(0).text(name)));
  }

  /** A section of the program, among the symbols of the linker. */
  section(number: number, { name, rva, size, flags }: LinkedSection): void {
    const record = symbolRecord(symbol.S_SECTION, (to) =>
      to.u16(number).u8(pageShift, 0).u32(rva, size, flags).text(name),
    );
    this.#add(record);
  }

  /** Closes the scope that was opened last. */
  end(): void {
    const { at, endKind } = this.#open.pop()!;
    const parent = this.#open.at(-1)?.at ?? 0;
    this.#out.patchU32(at + headSize, parent);
    this.#out.patchU32(at + headSize + 4, this.#out.length);
    this.#add(symbolRecord(endKind));
  }

  bytes(): Uint8Array {
    return this.#out.bytes();
  }

  #begin(record: Uint8Array, endKind: number): number {
    const at = this.#add(record);
    this.#open.push({ at, endKind });
    return at;
  }

  #add(record: Uint8Array): number {
    const at = this.#out.length;
    this.#out.raw(record);
    return at;
  }
}
