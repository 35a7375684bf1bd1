import { type InlineRange, readInlineRanges } from './inline-annotations.ts';
import { functionName } from './item-names.ts';
import type { LineTable, SourceLine } from './line-table.ts';
import type { ModuleSymbolRecords, Procedure } from './module-symbols.ts';
import { keyOf } from './place-index.ts';
import type { Place } from './section-map.ts';
import type { StructureTypes } from './structure-types.ts';
import type { TypeStream } from './type-stream.ts';

/** An inlined function that a place is in. */
export interface InlineFrame {
  readonly name: string;
  /** Where the site begins: offset from the beginning of the procedure, as that of the place's name. */
  readonly start: number;
  /** The line of the inlined function that the code came from. */
  readonly source: SourceLine | undefined;
}

interface Site {
  readonly inlinee: number;
  readonly depth: number;
  readonly ranges: readonly InlineRange[];
}

const none: readonly InlineFrame[] = [];

/** The inlined functions of one module's procedures; those of a procedure are decoded at the first question. */
export class InlinedCode {
  readonly #symbols: ModuleSymbolRecords;
  readonly #lines: LineTable;
  readonly #items: TypeStream;
  readonly #structures: StructureTypes;
  readonly #names = new Map<number, string>();
  readonly #sites = new Map<number, readonly Site[]>();

  constructor(symbols: ModuleSymbolRecords, lines: LineTable, items: TypeStream, structures: StructureTypes) {
    this.#symbols = symbols;
    this.#lines = lines;
    this.#items = items;
    this.#structures = structures;
  }

  /** Inlined functions around a place in a piece of code, the outermost first. */
  framesAt(code: Procedure, place: Place): readonly InlineFrame[] {
    const sites = this.#sitesOf(code.kind === 'separated' ? this.#owner(code) : code);
    if (sites.length === 0) return none;
    const chunk = this.#chunkOf(code);
    const at = place.offset - code.offset;
    const distance = code.target === undefined ? 0 : code.offset - code.target.offset;
    const frames: InlineFrame[] = [];
    for (const site of sites) {
      // A site counts only inside the ones that are open already.
      if (site.depth !== frames.length) continue;
      const range = rangeAt(site.ranges, chunk, at);
      if (range !== undefined) frames.push(this.#frame(site, range, distance));
    }
    return frames.length === 0 ? none : frames;
  }

  #frame({ inlinee, ranges }: Site, range: InlineRange, distance: number): InlineFrame {
    let { start } = range;
    for (const each of ranges) if (each.chunk === range.chunk) start = Math.min(start, each.start);
    return {
      name: this.#name(inlinee),
      start: start + distance,
      source: this.#source(inlinee, range),
    };
  }

  #name(inlinee: number): string {
    const known = this.#names.get(inlinee) ?? functionName(inlinee, this.#items, this.#structures);
    const name = known ?? `inlined function 0x${inlinee.toString(16)}`;
    this.#names.set(inlinee, name);
    return name;
  }

  #source(inlinee: number, { lineDelta, file }: InlineRange): SourceLine | undefined {
    const first = this.#lines.firstLine(inlinee);
    if (first === undefined) return undefined;
    return {
      file: file === undefined ? first.file : this.#lines.fileName(file),
      line: first.line + lineDelta,
    };
  }

  #sitesOf(code: Procedure | undefined): readonly Site[] {
    if (code === undefined || code.kind !== 'procedure') return [];
    const known = this.#sites.get(code.record);
    if (known !== undefined) return known;
    const sites = Array.from(this.#symbols.inlineSites(code), ({ inlinee, depth, annotations }) => ({
      inlinee,
      depth,
      ranges: readInlineRanges(annotations),
    }));
    this.#sites.set(code.record, sites);
    return sites;
  }

  #owner(code: Procedure): Procedure | undefined {
    return this.#symbols.procedureAt(code.target!);
  }

  #chunkOf(code: Procedure): number {
    if (code.kind !== 'separated') return 0;
    const owner = this.#owner(code);
    const pieces = owner === undefined ? [] : this.#symbols.separatedFrom(owner);
    return 1 + pieces.findIndex((piece) => keyOf(piece) === keyOf(code));
  }
}

function rangeAt(ranges: readonly InlineRange[], chunk: number, at: number): InlineRange | undefined {
  for (const range of ranges) if (range.chunk === chunk && at >= range.start && at < range.end) return range;
  return undefined;
}
