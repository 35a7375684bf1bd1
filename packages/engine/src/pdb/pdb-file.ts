import type { ByteSource } from '../io/index.ts';
import { Dbi } from './dbi.ts';
import { MsfFile } from './msf-file.ts';
import { type PdbInfo, readPdbInfo } from './pdb-info.ts';
import { PublicSymbols } from './public-symbols.ts';
import { SectionMap } from './section-map.ts';
import { StructureTypes } from './structure-types.ts';
import { TypeStream } from './type-stream.ts';

/**
 * A program database. Opening reads its directory and identity; everything else is read when it is first asked for.
 * Throws PDB_UNREADABLE, at any call, where the file is damaged.
 */
export class PdbFile {
  readonly msf: MsfFile;
  readonly info: PdbInfo;
  #dbi: Dbi | undefined;
  #sections: SectionMap | undefined;
  #publics: PublicSymbols | undefined;
  #types: TypeStream | undefined;
  #items: TypeStream | undefined;
  #structures: StructureTypes | undefined;

  constructor(source: ByteSource) {
    this.msf = MsfFile.open(source);
    this.info = readPdbInfo(this.msf);
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
}
