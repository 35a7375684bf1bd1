import { readU16, readU32 } from '../base/index.ts';
import { keyOf, mostAtOnePlace, PlaceIndex, placeKey } from './place-index.ts';
import type { Place } from './section-map.ts';
import { SourceFiles } from './source-files.ts';

/** Where a piece of code stands in the sources. */
export interface SourceLine {
  readonly file: string | undefined;
  readonly line: number;
  /** Distance from where the line's code begins; undefined of the lines of inlined functions. */
  readonly offset?: number;
}

/** First line of an inlined function, in the file of a checksum. */
interface FirstLine {
  readonly checksum: number;
  readonly line: number;
}

/** Files that the code of one function came from: more are damage. */
const maxFiles = 4096;

/** Kinds of subsections. Source: microsoft-pdb, cvinfo.h (DEBUG_S_*). */
const kinds = { lines: 0xf2, checksums: 0xf4, inlineeLines: 0xf6 } as const;
const ignored = 0x8000_0000;
/** Numbers that say that code has no line: always to be stepped over, never to be shown. */
const noLine = new Set([0xfe_efee, 0xf0_0f00]);

interface Subsection {
  readonly kind: number;
  readonly bytes: Uint8Array;
}

/** The lines of one function, ascending by offset from its beginning; of equal offsets the last one counts. */
interface FunctionLines {
  readonly offsets: PlaceIndex;
  readonly lines: readonly SourceLine[];
}

/** The line tables of one module (the form since Visual C++ 8). Text of file names comes from the stream `/names`. */
export class LineTable {
  readonly #files: SourceFiles;
  readonly #functions: readonly Uint8Array[];
  readonly #inlinees: readonly Uint8Array[];
  readonly #read = new Map<number, FunctionLines>();
  #byPlace: PlaceIndex | undefined;
  #firstLines: ReadonlyMap<number, FirstLine> | undefined;

  /** `names`: the text of the stream `/names`, behind its header. */
  constructor(bytes: Uint8Array, names: Uint8Array) {
    const parts = [...walkSubsections(bytes)];
    const ofKind = (kind: number) => parts.filter((part) => part.kind === kind).map((part) => part.bytes);
    this.#files = new SourceFiles(ofKind(kinds.checksums)[0], names);
    this.#functions = ofKind(kinds.lines).filter(({ length }) => length >= 12);
    this.#inlinees = ofKind(kinds.inlineeLines).filter(({ length }) => length >= 4);
  }

  lineAt(place: Place): SourceLine | undefined {
    const index = this.#index;
    const key = keyOf(place);
    const first = index.firstOfNearest(key);
    for (let at = first; at >= 0 && index.keys[at]! <= key && at < first + mostAtOnePlace; at++) {
      const found = index.values[at]!;
      const offset = key - index.keys[at]!;
      if (offset < readU32(this.#functions[found]!, 8)) return this.#lineIn(found, offset);
    }
    return undefined;
  }

  /** Text of a file by the offset of its checksum. */
  fileName(checksum: number): string | undefined {
    return this.#files.name(checksum);
  }

  /** First line of an inlined function by its index in the stream of items. */
  firstLine(item: number): SourceLine | undefined {
    this.#firstLines ??= new Map(this.#inlinees.flatMap(readInlinees));
    const first = this.#firstLines.get(item);
    return first === undefined ? undefined : { file: this.fileName(first.checksum), line: first.line };
  }

  get #index(): PlaceIndex {
    this.#byPlace ??= PlaceIndex.of(
      this.#functions.map((bytes, index) => [placeKey(readU16(bytes, 4), readU32(bytes, 0)), index]),
    );
    return this.#byPlace;
  }

  #lineIn(index: number, offset: number): SourceLine | undefined {
    const known = this.#read.get(index) ?? this.#readFunction(this.#functions[index]!);
    this.#read.set(index, known);
    const last = known.offsets.after(offset) - 1;
    const line = known.lines[known.offsets.values[last] ?? -1];
    if (line === undefined || noLine.has(line.line)) return undefined;
    return { ...line, offset: offset - known.offsets.keys[last]! };
  }

  /** Blocks, one a file, of entries; the files' entries are mixed by their offsets. */
  #readFunction(bytes: Uint8Array): FunctionLines {
    const entries: [number, number][] = [];
    const lines: SourceLine[] = [];
    for (let at = 12, files = 0; at + 12 <= bytes.length && files < maxFiles; files++) {
      const file = this.fileName(readU32(bytes, at));
      const size = readU32(bytes, at + 8);
      const room = Math.min(size, bytes.length - at) - 12;
      const count = Math.min(readU32(bytes, at + 4), Math.floor(room / 8));
      for (let entry = at + 12; entry < at + 12 + count * 8; entry += 8) {
        entries.push([readU32(bytes, entry), lines.length]);
        lines.push({ file, line: readU32(bytes, entry + 4) & 0xff_ffff });
      }
      if (size < 12) break;
      at += size;
    }
    return { offsets: PlaceIndex.of(entries), lines };
  }
}

/** By index of the function: its file and first line, and files that it has code of besides. */
function readInlinees(bytes: Uint8Array): [item: number, first: FirstLine][] {
  const hasMoreFiles = readU32(bytes, 0) === 1;
  const found: [number, FirstLine][] = [];
  for (let at = 4; at + 12 <= bytes.length; ) {
    found.push([readU32(bytes, at), { checksum: readU32(bytes, at + 4), line: readU32(bytes, at + 8) }]);
    const more = hasMoreFiles && at + 16 <= bytes.length ? readU32(bytes, at + 12) : 0;
    at += hasMoreFiles ? 16 + more * 4 : 12;
  }
  return found;
}

function* walkSubsections(bytes: Uint8Array): Generator<Subsection> {
  for (let at = 0; at + 8 <= bytes.length; ) {
    const kind = readU32(bytes, at);
    const length = readU32(bytes, at + 4);
    const end = at + 8 + length;
    if (end > bytes.length) return;
    if ((kind & ignored) === 0) yield { kind, bytes: bytes.subarray(at + 8, end) };
    at = Math.ceil(end / 4) * 4;
  }
}
