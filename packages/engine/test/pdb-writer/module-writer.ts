import { ByteWriter, record } from './byte-writer.ts';

interface Extent {
  readonly section: number;
  readonly offset: number;
  readonly length: number;
}

/** Symbols of one module, one after the other; scopes are closed by `end`. */
export class ModuleWriter {
  readonly #out = new ByteWriter().u32(4);
  readonly #open: { readonly at: number; readonly endKind: number }[] = [];

  /** S_GPROC32; gives the place of its record. */
  procedure(name: string, { section, offset, length }: Extent): number {
    return this.#begin(
      record(0x1110, (to) => to.u32(0, 0, 0, length, 0, length, 0, offset).u16(section).u8(0).text(name)),
      0x0006,
    );
  }

  /** S_SEPCODE: code of the procedure at `parent` that stands elsewhere. */
  separated({ section, offset, length }: Extent, parent: { section: number; offset: number }): number {
    return this.#begin(
      record(0x1132, (to) => to.u32(0, 0, length, 0, offset, parent.offset).u16(section, parent.section)),
      0x0006,
    );
  }

  thunk(name: string, { section, offset, length }: Extent): number {
    return this.#begin(
      record(0x1102, (to) => to.u32(0, 0, 0, offset).u16(section, length).u8(0).text(name)),
      0x0006,
    );
  }

  trampoline({ section, offset, length }: Extent, target: { section: number; offset: number }): number {
    return this.#add(
      record(0x112c, (to) => to.u16(0, length).u32(offset, target.offset).u16(section, target.section)),
    );
  }

  /** S_INLINESITE with operations that are compressed already. */
  inlineSite(item: number, annotations: readonly number[]): number {
    return this.#begin(
      record(0x114d, (to) => to.u32(0, 0, item).u8(...annotations)),
      0x114e,
    );
  }

  end(): this {
    const scope = this.#open.pop();
    if (scope === undefined) throw new Error('no scope is open');
    this.#out.patch32(scope.at + 8, this.#out.length);
    this.#add(record(scope.endKind, () => {}));
    return this;
  }

  bytes(): Uint8Array {
    return this.#out.bytes();
  }

  #begin(bytes: Uint8Array, endKind: number): number {
    const at = this.#add(bytes);
    this.#open.push({ at, endKind });
    return at;
  }

  #add(bytes: Uint8Array): number {
    const at = this.#out.length;
    this.#out.raw(bytes);
    return at;
  }
}

export interface LineSpec extends Extent {
  /** `file`: offset of its checksum, a multiple of 8 by its index. */
  readonly lines: readonly { readonly at: number; readonly line: number; readonly file?: number }[];
}

export interface InlineeSpec {
  readonly item: number;
  readonly file: number;
  readonly line: number;
}

/** C13 tables: checksums (8 bytes a file), lines of functions, first lines of inlined functions. */
export function writeLines(
  nameOffsets: readonly number[],
  functions: readonly LineSpec[],
  inlinees: readonly InlineeSpec[] = [],
): Uint8Array {
  const out = new ByteWriter();
  const add = (kind: number, fill: (to: ByteWriter) => void) => {
    const part = new ByteWriter();
    fill(part);
    out.u32(kind, part.length).raw(part.bytes()).align(4);
  };
  add(0xf4, (to) => {
    for (const offset of nameOffsets) to.u32(offset).u8(0, 0).align(4);
  });
  for (const spec of functions) add(0xf2, (to) => writeFunction(to, spec));
  if (inlinees.length > 0)
    add(0xf6, (to) => {
      to.u32(0);
      for (const { item, file, line } of inlinees) to.u32(item, file * 8, line);
    });
  return out.bytes();
}

function writeFunction(to: ByteWriter, { section, offset, length, lines }: LineSpec): void {
  to.u32(offset).u16(section, 0).u32(length);
  for (const file of new Set(lines.map((line) => line.file ?? 0))) {
    const own = lines.filter((line) => (line.file ?? 0) === file);
    to.u32(file * 8, own.length, 12 + own.length * 8);
    for (const { at, line } of own) to.u32(at, line | 0x8000_0000);
  }
}
