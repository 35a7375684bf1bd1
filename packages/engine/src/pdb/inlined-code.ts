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
  /** Where the site begins: offset from the beginning of the piece of code. */
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
    const frames: InlineFrame[] = [];
    for (const site of sites) {
      // A site counts only inside the ones that are open already.
      if (site.depth !== frames.length) continue;
      const ranges = site.ranges.filter((range) => range.chunk === chunk);
      const range = ranges.find(({ start, end }) => at >= start && at < end);
      if (range !== undefined) frames.push(this.#frame(site, ranges, range));
    }
    return frames;
  }

  #frame({ inlinee }: Site, ranges: readonly InlineRange[], range: InlineRange): InlineFrame {
    let { start } = range;
    for (const each of ranges) start = Math.min(start, each.start);
    const name = functionName(inlinee, this.#items, this.#structures);
    return {
      name: name ?? `inlined function 0x${inlinee.toString(16)}`,
      start,
      source: this.#source(inlinee, range),
    };
  }

  #source(inlinee: number, { lineDelta, file }: InlineRange): SourceLine | undefined {
    const first = this.#lines.inlineeLines().get(inlinee);
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
