import type { ByteSource } from '../io/index.ts';
import { Dbi } from './dbi.ts';
import { EnumerationTypes } from './enumeration-types.ts';
import { type FrameData, FrameDataTables } from './frame-data.ts';
import { GlobalSymbols } from './global-symbols.ts';
import type { InlineFrame } from './inlined-code.ts';
import type { SourceLine } from './line-table.ts';
import { MsfFile } from './msf-file.ts';
import { type PdbInfo, readPdbInfo } from './pdb-info.ts';
import { PrivateSymbols } from './private-symbols.ts';
import { PublicSymbols } from './public-symbols.ts';
import { SectionMap } from './section-map.ts';
import { namesText } from './source-files.ts';
import { StructureTypes } from './structure-types.ts';
import { SymbolFinder } from './symbol-finder.ts';
import { type NamedPlace, type SymbolName, SymbolNames } from './symbol-names.ts';
import { TypeStream } from './type-stream.ts';

/** What tells program databases apart, and is compared with an image. */
export interface PdbIdentity {
  /** 32 upper-case digits, as symbol stores write it. */
  readonly guid: string;
  /** Of the symbols: the one that images name. */
  readonly age: number;
  /** Time stamp of the file's making, or a hash. */
  readonly signature: number;
  /** IMAGE_FILE_MACHINE_*: 0x8664, 0x14c, 0xaa64. */
  readonly machine: number;
}

/** RVAs of a piece of code, end exclusive. */
export interface CodeBounds {
  readonly start: number;
  readonly end: number;
}

/**
 * A program database. Opening reads its directory and identity; everything else is read when it is first asked for.
 * Throws PDB_UNREADABLE, at any call, where the file is damaged. Addresses are RVAs of the image.
 */
export class PdbFile {
  readonly msf: MsfFile;
  readonly info: PdbInfo;
  readonly privates = new PrivateSymbols(this);
  readonly symbolNames = new SymbolNames(this);
  readonly #finder = new SymbolFinder(this);
  #dbi: Dbi | undefined;
  #sections: SectionMap | undefined;
  #publics: PublicSymbols | undefined;
  #globals: GlobalSymbols | undefined;
  #types: TypeStream | undefined;
  #items: TypeStream | undefined;
  #structures: StructureTypes | undefined;
  #enumerations: EnumerationTypes | undefined;
  #texts: Uint8Array | undefined;
  #frames: FrameDataTables | undefined;

  constructor(source: ByteSource) {
    this.msf = MsfFile.open(source);
    this.info = readPdbInfo(this.msf);
  }

  get identity(): PdbIdentity {
    const { guid, signature } = this.info;
    return { guid, age: this.dbi.age, signature, machine: this.dbi.machine };
  }

  /** What of this file's symbols is elsewhere or was taken out, for the user: one sentence each. */
  get limits(): readonly string[] {
    const limits: string[] = [];
    if (this.info.minimalDebugInfo)
      limits.push('it was linked with /DEBUG:FASTLINK: procedures, lines and types are in the object files');
    if (this.dbi.isStripped) limits.push('it holds public symbols only');
    return limits;
  }

  /** What stands at an address: the procedure around it, or the nearest name before it in the same section. */
  nameAt(rva: number): NamedPlace | undefined {
    return this.symbolNames.at(rva);
  }

  /** A name as the debugger shows it or decorated; exactly as it is written before letters of another case. */
  rvaOfName(name: string): number | undefined {
    return this.#finder.rvaOf(name);
  }

  /** All names with their addresses, in no order. */
  names(): Generator<SymbolName> {
    return this.#finder.names();
  }

  /** The source line that the code at an address was made from. */
  lineAt(rva: number): SourceLine | undefined {
    const place = this.sections.placeOf(rva);
    return place === undefined ? undefined : this.privates.lineAt(place);
  }

  /** Inlined functions around an address, the outermost first. */
  inlinesAt(rva: number): readonly InlineFrame[] {
    const place = this.sections.placeOf(rva);
    return (place === undefined ? undefined : this.privates.codeAt(place)?.inlines) ?? [];
  }

  /** Extent of the piece of code around an address; undefined where it was taken apart by reordering. */
  boundsAt(rva: number): CodeBounds | undefined {
    const place = this.sections.placeOf(rva);
    const code = place === undefined ? undefined : this.privates.procedureAt(place);
    if (code === undefined) return undefined;
    const start = this.sections.rvaOf(code);
    const last = this.sections.rvaOf({ section: code.section, offset: code.offset + code.length - 1 });
    if (start === undefined || last === undefined || last - start !== code.length - 1) return undefined;
    return { start, end: start + code.length };
  }

  /** How the x86 code at an address uses its stack. */
  fpoAt(rva: number): FrameData | undefined {
    this.#frames ??= new FrameDataTables(this.dbi, this.texts);
    return this.#frames.find(rva);
  }

  get dbi(): Dbi {
    this.#dbi ??= new Dbi(this.msf);
    return this.#dbi;
  }

  get sections(): SectionMap {
    this.#sections ??= new SectionMap(this.dbi);
    return this.#sections;
  }

  get publics(): PublicSymbols {
    this.#publics ??= new PublicSymbols(this.dbi);
    return this.#publics;
  }

  get globals(): GlobalSymbols {
    this.#globals ??= new GlobalSymbols(this.dbi);
    return this.#globals;
  }

  get types(): TypeStream {
    this.#types ??= new TypeStream(this.msf.stream(2));
    return this.#types;
  }

  /** Functions and texts that other records refer to. */
  get items(): TypeStream {
    this.#items ??= new TypeStream(this.msf.stream(4));
    return this.#items;
  }

  get structures(): StructureTypes {
    this.#structures ??= new StructureTypes(this.types);
    return this.#structures;
  }

  get enumerations(): EnumerationTypes {
    this.#enumerations ??= new EnumerationTypes(this.types);
    return this.#enumerations;
  }

  /** Texts that other streams refer to by their offsets: names of files, programs of frames. */
  get texts(): Uint8Array {
    const stream = this.info.namedStreams.get('/names');
    this.#texts ??= namesText(
      (stream === undefined ? undefined : this.msf.stream(stream)?.bytes()) ?? new Uint8Array(0),
    );
    return this.#texts;
  }
}
