import { alignUp } from '../bytes/integers.ts';
import { ByteWriter } from './byte-writer.ts';
import type { Place } from './link-order.ts';
import type { TextTable } from './text-table.ts';

/** A line's code: from `offset` behind the procedure's beginning on. */
export interface LineEntry {
  readonly offset: number;
  readonly line: number;
  readonly file: string;
}

/** Kinds of subsections. Source: microsoft-pdb, cvinfo.h (DEBUG_S_*). */
const kinds = { lines: 0xf2, checksums: 0xf4, inlineeLines: 0xf6 } as const;
const statement = 0x8000_0000;
/** An entry of the list of files: the name, and no checksum. */
const fileEntrySize = 8;

/** The line tables of one module in the form since Visual C++ 8. */
export class LineTables {
  readonly #texts: TextTable;
  readonly #files: string[] = [];
  readonly #functions: Uint8Array[] = [];
  readonly #inlinees = new ByteWriter().u32(0);
  readonly #knownInlinees = new Set<number>();

  constructor(texts: TextTable) {
    this.#texts = texts;
  }

  /** Source files in the order in which they were first named. */
  get files(): readonly string[] {
    return this.#files;
  }

  addFunction({ section, offset }: Place, size: number, lines: readonly LineEntry[]): void {
    if (lines.length === 0) return;
    const out = new ByteWriter().u32(offset).u16(section, 0).u32(size);
    const ordered = lines.toSorted((a, b) => a.offset - b.offset);
    for (const file of new Set(ordered.map((entry) => entry.file))) {
      const own = ordered.filter((entry) => entry.file === file);
      out.u32(this.#fileId(file), own.length, 12 + own.length * 8);
      for (const entry of own) out.u32(entry.offset, (entry.line | statement) >>> 0);
    }
    this.#functions.push(out.bytes());
  }

  /** First line of a function that was inlined somewhere, by its index in the stream of items. */
  addInlinee(item: number, file: string, line: number): void {
    const id = this.#fileId(file);
    if (this.#knownInlinees.has(item)) return;
    this.#knownInlinees.add(item);
    this.#inlinees.u32(item, id, line);
  }

  bytes(): Uint8Array {
    const out = new ByteWriter();
    if (this.#files.length > 0) subsection(out, kinds.checksums, this.#checksums());
    for (const lines of this.#functions) subsection(out, kinds.lines, lines);
    if (this.#knownInlinees.size > 0) subsection(out, kinds.inlineeLines, this.#inlinees.bytes());
    return out.bytes();
  }

  /** Offset of the file's entry among the checksums. */
  #fileId(file: string): number {
    const known = this.#files.indexOf(file);
    return (known < 0 ? this.#files.push(file) - 1 : known) * fileEntrySize;
  }

  #checksums(): Uint8Array {
    const out = new ByteWriter();
    for (const file of this.#files) out.u32(this.#texts.offset(file)).u8(0, 0).u16(0);
    return out.bytes();
  }
}

function subsection(out: ByteWriter, kind: number, bytes: Uint8Array): void {
  out.u32(kind, alignUp(bytes.length, 4)).raw(bytes).align(4);
}
