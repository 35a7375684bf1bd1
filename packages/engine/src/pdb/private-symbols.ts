import { readU32 } from '../base/index.ts';
import { readInlineRanges } from './inline-annotations.ts';
import { LineTable, namesText, type SourceLine } from './line-table.ts';
import { ModuleSymbolRecords, type Procedure } from './module-symbols.ts';
import { type PdbModule, readModules, SectionContributions } from './modules.ts';
import type { PdbFile } from './pdb-file.ts';
import type { Place } from './section-map.ts';
import { nameAt } from './symbol-record.ts';
import { leaf } from './type-leaf.ts';

/** An inlined function that a place is in. */
export interface InlineFrame {
  readonly name: string;
  /** Where the site begins: offset from the beginning of the procedure. */
  readonly start: number;
  /** The line of the inlined function that the code came from. */
  readonly source: SourceLine | undefined;
}

interface LoadedModule {
  readonly symbols: ModuleSymbolRecords;
  readonly lines: LineTable;
}

/** What only private program databases hold: procedures with their extents, source lines, inlined functions. */
export class PrivateSymbols {
  readonly #pdb: PdbFile;
  readonly #loaded = new Map<number, LoadedModule | undefined>();
  #modules: readonly PdbModule[] | undefined;
  #contributions: SectionContributions | undefined;
  #names: Uint8Array | undefined;

  constructor(pdb: PdbFile) {
    this.#pdb = pdb;
  }

  get modules(): readonly PdbModule[] {
    this.#modules ??= readModules(this.#pdb.dbi);
    return this.#modules;
  }

  procedureAt(place: Place): Procedure | undefined {
    return this.#moduleOf(place)?.symbols.procedureAt(place);
  }

  lineAt(place: Place): SourceLine | undefined {
    return this.#moduleOf(place)?.lines.lineAt(place);
  }

  /** Procedures of all modules. */
  *procedures(): Generator<Procedure> {
    for (let index = 0; index < this.modules.length; index++)
      yield* this.#load(index)?.symbols.procedures ?? [];
  }

  /** Inlined functions around a place, the outermost first. */
  inlineFrames(place: Place): InlineFrame[] {
    const module = this.#moduleOf(place);
    const procedure = module?.symbols.procedureAt(place);
    if (module === undefined || procedure === undefined) return [];
    const at = place.offset - procedure.offset;
    const firstLines = module.lines.inlineeLines();
    const frames: InlineFrame[] = [];
    for (const { inlinee, annotations, depth } of module.symbols.inlineSites(procedure)) {
      // A site counts only inside the ones that are open already.
      if (depth !== frames.length) continue;
      const ranges = readInlineRanges(annotations);
      const range = ranges.find(({ start, end }) => at >= start && at < end);
      if (range === undefined) continue;
      const first = firstLines.get(inlinee);
      const start = Math.min(...ranges.map((each) => each.start));
      const source = first === undefined ? undefined : { ...first, line: first.line + range.lineDelta };
      frames.push({
        name: this.#functionName(inlinee) ?? `inlined function 0x${inlinee.toString(16)}`,
        start,
        source,
      });
    }
    return frames;
  }

  #moduleOf(place: Place): LoadedModule | undefined {
    this.#contributions ??= new SectionContributions(this.#pdb.dbi);
    const index = this.#contributions.moduleAt(place);
    return index === undefined ? undefined : this.#load(index);
  }

  #load(index: number): LoadedModule | undefined {
    if (!this.#loaded.has(index)) this.#loaded.set(index, this.#read(this.modules[index]));
    return this.#loaded.get(index);
  }

  #read(module: PdbModule | undefined): LoadedModule | undefined {
    const bytes = module?.stream === undefined ? undefined : this.#pdb.msf.stream(module.stream)?.bytes();
    if (module === undefined || bytes === undefined) return undefined;
    const linesAt = module.symbolBytes + module.oldLineBytes;
    const named = this.#pdb.info.namedStreams.get('/names');
    this.#names ??= namesText(
      (named === undefined ? undefined : this.#pdb.msf.stream(named)?.bytes()) ?? new Uint8Array(0),
    );
    return {
      symbols: new ModuleSymbolRecords(bytes.subarray(0, module.symbolBytes)),
      lines: new LineTable(bytes.subarray(linesAt, linesAt + module.lineBytes), this.#names),
    };
  }

  /** Name of an item: a function, in its namespace where it has one. */
  #functionName(index: number): string | undefined {
    const record = this.#pdb.items.record(index);
    if (record === undefined || record.bytes.length < 8) return undefined;
    if (record.leaf !== leaf.LF_FUNC_ID && record.leaf !== leaf.LF_MFUNC_ID) return undefined;
    const name = nameAt(record.bytes, 8, record.bytes.length);
    const scope = this.#scopeName(record.leaf, readU32(record.bytes, 0));
    return scope === undefined ? name : `${scope}::${name}`;
  }

  #scopeName(kind: number, index: number): string | undefined {
    if (index === 0) return undefined;
    if (kind === leaf.LF_MFUNC_ID) return this.#pdb.structures.structureAt(index)?.name;
    const text = this.#pdb.items.record(index);
    return text?.leaf === leaf.LF_STRING_ID ? nameAt(text.bytes, 4, text.bytes.length) : undefined;
  }
}
