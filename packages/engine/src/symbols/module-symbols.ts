import type { Va } from '../base/index.ts';
import type { VirtualMemory } from '../mmu/virtual-memory.ts';
import type { FrameData } from '../pdb/index.ts';
import {
  type ExportTable,
  findSection,
  ImageProblem,
  type ImageReader,
  type ImageSection,
  MappedImage,
  readDebugDirectory,
  readExceptionDirectory,
  readExports,
  readImageHeaders,
  readVersionInfo,
} from '../pe/index.ts';
import { displayName } from './display-name.ts';
import { isOneFunction } from './function-bounds.ts';
import type { KnownPlace, SymbolMatch } from './match-symbols.ts';
import { OverlayImage } from './overlay-image.ts';
import { PlacedNames } from './placed-names.ts';
import type {
  InlineSite,
  NamedOffset,
  PlacedName,
  SourceLine,
  SymbolKind,
  SymbolTable,
} from './symbol-table.ts';

/** A loaded image as far as naming its addresses goes. */
export interface LoadedImage {
  readonly name: string;
  readonly base: Va;
  /** Bytes in memory. */
  readonly size: number;
}

/** What an image's own tables say about it. */
export interface ImageDescription {
  readonly pdb: { readonly name: string; readonly guid: string; readonly age: number } | undefined;
  /** Is the time stamp a hash? Undefined where the debug directory is not in the dump. */
  readonly timestampIsHash: boolean | undefined;
  readonly fileVersion: string | undefined;
}

/** A name near an address. */
export interface NearName {
  readonly name: string | undefined;
  readonly rva: number;
  /** `DLL.Name` of an export that is found in another image. */
  readonly forwarder?: string | undefined;
  /** The part of the dump that names the place, where neither the image nor a file of symbols does. */
  readonly from?: string | undefined;
}

/** A file that serves a module, and how it is known to belong to it. */
export interface UsedFile {
  readonly location: string;
  readonly match: SymbolMatch;
  /** It comes with the program, and is no file. */
  readonly isBuiltIn?: boolean;
}

/** Without a function table an export names what follows it at most this far. */
const nearExport = 0x1000;

/**
 * Names, bounds and sections of one module: from its image in the dump, read when first asked for, and from files of
 * symbols and of the image where there are such.
 */
export class ModuleSymbols {
  readonly module: LoadedImage;
  readonly #mapped: MappedImage;
  readonly #memory: VirtualMemory;
  #bare: ModuleSymbols | undefined;
  #image: ImageReader;
  #table: SymbolTable | undefined;
  #tableFile: UsedFile | undefined;
  #imageFile: UsedFile | undefined;
  #exports: ExportTable | undefined | null = null;
  #sections: readonly ImageSection[] | undefined | null = null;
  #isHash: { readonly value: boolean | undefined } | undefined;
  #places: ReadonlyMap<string, KnownPlace> = new Map();
  #placed = new PlacedNames(new Uint32Array(0), []);

  constructor(module: LoadedImage, memory: VirtualMemory) {
    this.module = module;
    this.#memory = memory;
    this.#mapped = new MappedImage(memory, module.base, module.size);
    this.#image = this.#mapped;
  }

  /** The image's bytes: from the dump, and constant parts from its file where the dump has gaps. */
  get image(): ImageReader {
    return this.#image;
  }

  /** Takes names from a table that belongs to this module. */
  useTable(table: SymbolTable, match: SymbolMatch): void {
    this.#table = table;
    const { location, isBuiltIn = false } = table;
    this.#tableFile = { location, match, ...(isBuiltIn ? { isBuiltIn } : {}) };
  }

  /** Takes from the image's file what the dump lacks. */
  useImage(file: ImageReader, used: UsedFile): void {
    this.#image = new OverlayImage(this.#mapped, file, isConstantIn(file));
    this.#imageFile = used;
    this.#exports = null;
    this.#sections = null;
    this.#isHash = undefined;
  }

  /** Takes names that the dump itself gives to addresses. They count last, and only where no table has all names. */
  usePlaces(places: readonly KnownPlace[]): void {
    const { base, size } = this.module;
    const inside = places.filter(({ va }) => va >= base && va < base + BigInt(size));
    this.#places = new Map(inside.map((place) => [place.name, place]));
    this.#placed = PlacedNames.of(inside.map(({ name, va }) => ({ name, rva: Number(va - base) })));
  }

  /** How many names the dump itself gives. */
  get namesOfDump(): number {
    return this.#places.size;
  }

  /** The same module as the dump alone tells it. */
  get withoutFiles(): ModuleSymbols {
    if (this.#tableFile === undefined && this.#imageFile === undefined) return this;
    if (this.#bare === undefined) {
      this.#bare = new ModuleSymbols(this.module, this.#memory);
      this.#bare.usePlaces([...this.#places.values()]);
    }
    return this.#bare;
  }

  /** Has a table that names every function a name at this very place? */
  isNamed(rva: number): boolean {
    const { table } = this;
    return table?.isComplete === true && table.nameAt(rva)?.offset === 0;
  }

  /** Symbols from a file, while it gives answers. */
  get table(): SymbolTable | undefined {
    return this.#table?.damage === undefined ? this.#table : undefined;
  }

  /** Files that serve this module. */
  get files(): { readonly symbols: UsedFile | undefined; readonly image: UsedFile | undefined } {
    return { symbols: this.#tableFile, image: this.#imageFile };
  }

  /** What is to be known of the file with symbols: what it lacks, and that it was found to be damaged. */
  get fileNotes(): readonly string[] {
    const { notes = [], damage } = this.#table ?? {};
    return damage === undefined ? notes : [`it is not used any more: ${damage}`];
  }

  get kind(): SymbolKind {
    if (this.table !== undefined) return this.table.kind;
    return this.exports === undefined || this.exports.isEmpty ? 'none' : 'exports';
  }

  /** Is `rva` in a section with code? Undefined where the section headers are not in the dump. */
  isExecutable(rva: number): boolean | undefined {
    if (this.#sections === null) {
      const headers = readImageHeaders(this.image);
      this.#sections =
        headers instanceof ImageProblem || headers.missingSections > 0 ? undefined : headers.sections;
    }
    return this.#sections?.some(
      (section) => section.executable && rva >= section.rva && rva < section.rva + section.size,
    );
  }

  /**
   * The name at or before `rva`, and the distance from it. A table that names every function decides alone. Otherwise code
   * is named only inside the name's own function: by the image's function table, or where there is none by its bytes; data
   * up to a page behind an export. Between the names of a table that has only some there may be any others, and between those
   * of the dump: they name their own places, and functions by the function table.
   */
  findName(rva: number): NamedOffset | undefined {
    const { table } = this;
    if (table?.isComplete === true) return this.#nameIn(table, rva);
    const exported = this.exports?.findNearest(rva);
    const byExport =
      exported?.name === undefined ? undefined : { name: exported.name, offset: rva - exported.rva };
    const nearest = [table?.nameAt(rva), byExport, this.#placed.nameAt(rva)].reduce(nearer);
    if (nearest === undefined) return undefined;
    const { offset } = nearest;
    const isInside =
      nearest === byExport
        ? this.#isSameFunction(rva - offset, rva, offset)
        : this.#isInFunctionOf(rva - offset, rva) === true;
    return offset === 0 || isInside ? nearest : undefined;
  }

  /** Names do not reach from one section into the next. */
  #nameIn(table: SymbolTable, rva: number): NamedOffset | undefined {
    const found = table.nameAt(rva);
    if (found === undefined) return undefined;
    const headers = found.offset === 0 ? undefined : readImageHeaders(this.image);
    const known = headers instanceof ImageProblem ? undefined : headers;
    if (known !== undefined && findSection(known, rva) !== findSection(known, rva - found.offset))
      return undefined;
    // Names of PDBs are in the debugger's form already.
    return table.kind === 'pdb' ? found : { name: displayName(found.name), offset: found.offset };
  }

  /** By the function table; undefined where it is not in the dump, or has no function at `rva`. */
  #isInFunctionOf(start: number, rva: number): boolean | undefined {
    const table = readExceptionDirectory(this.image);
    const bounds = table instanceof ImageProblem ? table : table.findRuntimeFunction(rva);
    return bounds === undefined || bounds instanceof ImageProblem ? undefined : bounds.begin <= start;
  }

  #isSameFunction(start: number, rva: number, offset: number): boolean {
    const isInside = this.#isInFunctionOf(start, rva);
    if (isInside !== undefined) return isInside;
    if (offset >= nearExport || this.isExecutable(start) !== this.isExecutable(rva)) return false;
    return this.isExecutable(rva) === false || isOneFunction(this.image.tryReadRva(start, offset));
  }

  /** Functions inlined at `rva`, the innermost first; empty without private symbols. */
  inlinesAt(rva: number): readonly InlineSite[] {
    return this.table?.inlinesAt?.(rva) ?? [];
  }

  lineAt(rva: number): SourceLine | undefined {
    return this.table?.lineAt?.(rva);
  }

  /** How the x86 code at `rva` uses its stack; undefined without a PDB that tells. */
  frameDataAt(rva: number): FrameData | undefined {
    return this.table?.frameDataAt?.(rva);
  }

  /** The function around `rva`, end exclusive: by the symbols, else by the image's function table. */
  boundsAt(rva: number): { readonly start: number; readonly end: number } | undefined {
    const known = this.table?.boundsAt?.(rva);
    if (known !== undefined) return known;
    const table = readExceptionDirectory(this.image);
    const entry = table instanceof ImageProblem ? undefined : table.findRuntimeFunction(rva);
    return entry === undefined || entry instanceof ImageProblem
      ? undefined
      : { start: entry.begin, end: entry.end };
  }

  /** RVA of a name. */
  findRva(name: string): number | undefined {
    // Names of C are shown without the underscore that compilers may put before them.
    const known = this.table?.rvaOf(name) ?? this.table?.rvaOf(`_${name}`);
    if (known !== undefined) return known;
    const symbol = this.exports?.findName(name);
    if (symbol !== undefined && symbol.forwarder === undefined) return symbol.rva;
    const place = this.table?.isComplete === true ? undefined : this.#places.get(name);
    return place === undefined ? undefined : Number(place.va - this.module.base);
  }

  /** Names with their places: all of a table that is complete, else those of the table, the exports and the dump. */
  *symbols(): Generator<NearName & { readonly name: string }> {
    const { table } = this;
    if (table !== undefined) yield* table.names();
    if (table?.isComplete === true) return;
    for (const { name, rva, forwarder } of this.exports?.symbols ?? [])
      if (name !== undefined && table?.rvaOf(name) === undefined) yield { name, rva, forwarder };
    for (const place of this.#placed.names())
      if (this.#isOnlyNamedByDump(place.name)) yield this.#withSource(place);
  }

  #isOnlyNamedByDump(name: string): boolean {
    return this.table?.rvaOf(name) === undefined && this.exports?.findName(name) === undefined;
  }

  #withSource({ name, rva }: PlacedName): PlacedName & NearName {
    return { name, rva, from: this.#places.get(name)?.from };
  }

  /** Names in order of address, for completion and patterns. */
  *names(): Iterable<string> {
    for (const { name } of this.symbols()) yield name;
  }

  describe(): ImageDescription {
    const debug = readDebugDirectory(this.image);
    const version = readVersionInfo(this.image);
    const codeView = debug instanceof ImageProblem ? undefined : debug.codeView;
    return {
      pdb:
        codeView === undefined
          ? undefined
          : { name: codeView.pdbName, guid: codeView.guid, age: codeView.age },
      timestampIsHash: this.timestampIsHash,
      fileVersion: version instanceof ImageProblem ? undefined : version.fileVersion,
    };
  }

  /** Is the time stamp a hash? Undefined where the debug directory is not in the dump. */
  get timestampIsHash(): boolean | undefined {
    this.#isHash ??= { value: isHash(readDebugDirectory(this.image)) };
    return this.#isHash.value;
  }

  /** The names around `rva`, and whether the byte there surely belongs to the one before it. */
  findAround(rva: number): {
    readonly before: readonly NearName[];
    readonly after?: NearName;
    readonly isInside: boolean;
  } {
    const isInside = this.findName(rva) !== undefined;
    const { table } = this;
    const own = table?.around(rva) ?? { before: [] };
    if (table?.isComplete === true) return { ...own, isInside };
    const sources = [own, this.exports?.findAround(rva) ?? { before: [] }, this.#placesAround(rva)];
    const start = Math.max(...sources.map(({ before }) => before[0]?.rva ?? -1));
    const before = sources.map((each) => each.before).find(([first]) => first?.rva === start) ?? [];
    const after = sources
      .map((each): NearName | undefined => each.after)
      .reduce((a, b) => (b !== undefined && (a === undefined || b.rva < a.rva) ? b : a), undefined);
    return after === undefined ? { before, isInside } : { before, after, isInside };
  }

  #placesAround(rva: number): { readonly before: readonly NearName[]; readonly after?: NearName } {
    const { before, after } = this.#placed.around(rva);
    const named = before.map((place) => this.#withSource(place));
    return after === undefined ? { before: named } : { before: named, after: this.#withSource(after) };
  }

  get exports(): ExportTable | undefined {
    if (this.#exports === null) {
      const table = readExports(this.image);
      this.#exports = table instanceof ImageProblem ? undefined : table;
    }
    return this.#exports;
  }
}

/** The first of the names with the smallest distance. */
const nearer = (a: NamedOffset | undefined, b: NamedOffset | undefined): NamedOffset | undefined =>
  a === undefined || (b !== undefined && b.offset < a.offset) ? b : a;

/** Nothing writes to headers and to sections without the flag, but the loader, whose changes the dump may lack. */
function isConstantIn(file: ImageReader): (rva: number) => boolean {
  const headers = readImageHeaders(file);
  if (headers instanceof ImageProblem) return () => false;
  return (rva) => rva < headers.sizeOfHeaders || findSection(headers, rva)?.writable === false;
}

/** An image without a debug directory is surely no reproducible build. */
function isHash(debug: ReturnType<typeof readDebugDirectory>): boolean | undefined {
  if (debug instanceof ImageProblem) return debug.kind === 'no-directory' ? false : undefined;
  return debug.timestampIsHash ? true : debug.partial ? undefined : false;
}
