import type { ByteSource } from '../io/index.ts';
import { Dbi } from './dbi.ts';
import { MsfFile } from './msf-file.ts';
import { type PdbInfo, readPdbInfo } from './pdb-info.ts';
import { PublicSymbols } from './public-symbols.ts';
import { SectionMap } from './section-map.ts';

/** A name and how far behind it an address is. */
export interface NearestName {
  /** As the compiler wrote it: decorated where the language decorates. */
  readonly name: string;
  /** Bytes in the original program: where code was moved after linking, not the difference of the addresses. */
  readonly offset: number;
}

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
}
