import type { Dbi } from './dbi.ts';
import { InlinedCode, type InlineFrame } from './inlined-code.ts';
import { LineTable, type SourceLine } from './line-table.ts';
import { ModuleSymbolRecords, type Procedure } from './module-symbols.ts';
import { type PdbModule, readModules, SectionContributions } from './modules.ts';
import type { MsfFile } from './msf-file.ts';
import type { Place } from './section-map.ts';
import type { StructureTypes } from './structure-types.ts';
import type { TypeStream } from './type-stream.ts';

/** What of a program database the private symbols are read from. */
export interface PrivateParts {
  readonly msf: MsfFile;
  readonly dbi: Dbi;
  readonly items: TypeStream;
  readonly structures: StructureTypes;
  /** Text of the stream `/names`. */
  readonly texts: Uint8Array;
}

export interface CodePlace {
  readonly code: Procedure;
  readonly inlines: readonly InlineFrame[];
}

interface LoadedModule {
  readonly symbols: ModuleSymbolRecords;
  readonly lines: LineTable;
  readonly inlined: InlinedCode;
}

/** What only private program databases hold: procedures with their extents, source lines, inlined functions. */
export class PrivateSymbols {
  readonly #pdb: PrivateParts;
  readonly #loaded = new Map<number, LoadedModule | undefined>();
  /** Streams that modules have: each belongs to one, so that a damaged file cannot name one stream many times. */
  readonly #taken = new Set<number>();
  #modules: readonly PdbModule[] | undefined;
  #contributions: SectionContributions | undefined;

  constructor(pdb: PrivateParts) {
    this.#pdb = pdb;
  }

  get modules(): readonly PdbModule[] {
    this.#modules ??= readModules(this.#pdb.dbi);
    return this.#modules;
  }

  /** The piece of code around a place. */
  procedureAt(place: Place): Procedure | undefined {
    return this.#moduleOf(place)?.symbols.procedureAt(place);
  }

  /** The procedure whose record a global symbol names. */
  procedureOfRecord(module: number, record: number): Procedure | undefined {
    return this.#load(module)?.symbols.procedureOfRecord(record);
  }

  lineAt(place: Place): SourceLine | undefined {
    return this.#moduleOf(place)?.lines.lineAt(place);
  }

  /** Pieces of code of all modules. */
  *procedures(): Generator<Procedure> {
    for (let index = 0; index < this.modules.length; index++)
      yield* this.#load(index)?.symbols.procedures ?? [];
  }

  /** The piece of code around a place, with the inlined functions there, the outermost first. */
  codeAt(place: Place): CodePlace | undefined {
    const module = this.#moduleOf(place);
    const code = module?.symbols.procedureAt(place);
    return module === undefined || code === undefined
      ? undefined
      : { code, inlines: module.inlined.framesAt(code, place) };
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
    if (module?.stream === undefined || this.#taken.has(module.stream)) return undefined;
    this.#taken.add(module.stream);
    const bytes = this.#pdb.msf.stream(module.stream)?.bytes();
    if (bytes === undefined) return undefined;
    const linesAt = module.symbolBytes + module.oldLineBytes;
    const symbols = new ModuleSymbolRecords(bytes.subarray(0, module.symbolBytes));
    const lines = new LineTable(bytes.subarray(linesAt, linesAt + module.lineBytes), this.#pdb.texts);
    return {
      symbols,
      lines,
      inlined: new InlinedCode(symbols, lines, this.#pdb.items, this.#pdb.structures),
    };
  }
}
