import { readU16, readU32 } from '../base/index.ts';
import type { Place } from './section-map.ts';

/** Where a piece of code stands in the sources. */
export interface SourceLine {
  readonly file: string | undefined;
  readonly line: number;
}

/** First line of an inlined function, by its index in the stream of items. */
export type InlineeLines = ReadonlyMap<number, SourceLine>;

/** Kinds of subsections. Source: microsoft-pdb, cvinfo.h (DEBUG_S_*). */
const kinds = { lines: 0xf2, checksums: 0xf4, inlineeLines: 0xf6 } as const;
const ignored = 0x8000_0000;

interface Subsection {
  readonly kind: number;
  readonly bytes: Uint8Array;
}

/** The line tables of one module (the form since Visual C++ 8). Text of file names comes from the stream `/names`. */
export class LineTable {
  readonly #parts: readonly Subsection[];
  readonly #names: Uint8Array;
  readonly #checksums: Uint8Array | undefined;

  /** `names`: the text of the stream `/names`, behind its header. */
  constructor(bytes: Uint8Array, names: Uint8Array) {
    this.#parts = [...walkSubsections(bytes)];
    this.#names = names;
    this.#checksums = this.#parts.find(({ kind }) => kind === kinds.checksums)?.bytes;
  }

  lineAt(place: Place): SourceLine | undefined {
    for (const { kind, bytes } of this.#parts) {
      if (kind !== kinds.lines || bytes.length < 12) continue;
      const start = readU32(bytes, 0);
      const inside = readU16(bytes, 4) === place.section && place.offset - start < readU32(bytes, 8);
      if (inside && place.offset >= start) return this.#lineIn(bytes, place.offset - start);
    }
    return undefined;
  }

  inlineeLines(): InlineeLines {
    const lines = new Map<number, SourceLine>();
    for (const { kind, bytes } of this.#parts) {
      if (kind !== kinds.inlineeLines || bytes.length < 4) continue;
      const hasMoreFiles = readU32(bytes, 0) === 1;
      for (let at = 4; at + 12 <= bytes.length; ) {
        lines.set(readU32(bytes, at), {
          file: this.#fileName(readU32(bytes, at + 4)),
          line: readU32(bytes, at + 8),
        });
        const more = hasMoreFiles && at + 16 <= bytes.length ? readU32(bytes, at + 12) : 0;
        at += hasMoreFiles ? 16 + more * 4 : 12;
      }
    }
    return lines;
  }

  /** Blocks, one a file; the last entry at or before the offset over all of them. */
  #lineIn(bytes: Uint8Array, offset: number): SourceLine | undefined {
    let best: { at: number; file: number; line: number } | undefined;
    for (let at = 12; at + 12 <= bytes.length; ) {
      const count = Math.min(readU32(bytes, at + 4), Math.floor((bytes.length - at - 12) / 8));
      for (let index = 0; index < count; index++) {
        const entry = at + 12 + index * 8;
        const code = readU32(bytes, entry);
        if (code <= offset && (best === undefined || code >= best.at))
          best = { at: code, file: readU32(bytes, at), line: readU32(bytes, entry + 4) & 0xff_ffff };
      }
      const size = readU32(bytes, at + 8);
      if (size < 12) break;
      at += size;
    }
    return best === undefined ? undefined : { file: this.#fileName(best.file), line: best.line };
  }

  /** A file is named by the offset of its checksum, which names the text. */
  #fileName(checksum: number): string | undefined {
    const entries = this.#checksums;
    if (entries === undefined || checksum + 4 > entries.length) return undefined;
    return textAt(this.#names, readU32(entries, checksum));
  }
}

function* walkSubsections(bytes: Uint8Array): Generator<Subsection> {
  for (let at = 0; at + 8 <= bytes.length; ) {
    const kind = readU32(bytes, at);
    const length = readU32(bytes, at + 4);
    const end = at + 8 + length;
    if (end > bytes.length) return;
    if ((kind & ignored) === 0) yield { kind, bytes: bytes.subarray(at + 8, end) };
    at = (end + 3) & ~3;
  }
}

function textAt(bytes: Uint8Array, at: number): string | undefined {
  const end = bytes.indexOf(0, at);
  return at >= bytes.length || end < 0
    ? undefined
    : String.fromCharCode(...bytes.subarray(at, Math.min(end, at + 0x1000)));
}

const namesSignature = 0xeffe_effe;

/** Text of the stream `/names`, behind its header; empty when it is none. */
export function namesText(bytes: Uint8Array): Uint8Array {
  if (bytes.length < 12 || readU32(bytes, 0) !== namesSignature) return new Uint8Array(0);
  return bytes.subarray(12, 12 + readU32(bytes, 8));
}
