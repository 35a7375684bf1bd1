import { Transform, type TransformCallback } from 'node:stream';

const [ctrlC, ctrlH, tab, lineFeed, carriageReturn, ctrlU, escape, space, del] = [
  0x03, 0x08, 0x09, 0x0a, 0x0d, 0x15, 0x1b, 0x20, 0x7f,
];
const endings: ReadonlySet<number> = new Set([ctrlC, ctrlU, lineFeed, carriageReturn]);

/** What a key sends, at most. */
const longestKey = 16;

/**
 * Passes on what is typed, but no more than `longest` characters for one line: a line editor's work grows with the square
 * of its line, and a pasted file would hang it. Keys that end or edit the line always pass.
 */
export class LineLimit extends Transform {
  readonly #longest: number;
  #length = 0;
  #dropsRest = false;

  constructor(longest: number) {
    super();
    this.#longest = longest;
  }

  override _transform(chunk: Uint8Array, _encoding: BufferEncoding, done: TransformCallback): void {
    const isKey = chunk[0] === escape && chunk.length <= longestKey;
    done(null, isKey ? chunk : Buffer.from(chunk).filter((byte) => this.#passes(byte)));
  }

  #passes(byte: number): boolean {
    if (endings.has(byte)) this.#length = 0;
    else if (byte === ctrlH || byte === del) this.#length = Math.max(0, this.#length - 1);
    if (byte === del || (byte < space && byte !== tab)) return true;
    // Bytes that continue a character go the way of its first one.
    if ((byte & 0xc0) !== 0x80) {
      this.#dropsRest = this.#length >= this.#longest;
      if (!this.#dropsRest) this.#length++;
    }
    return !this.#dropsRest;
  }
}
