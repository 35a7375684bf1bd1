import type { ByteSource } from '../io/index.ts';
import { IsfFile } from '../isf/index.ts';
import type { ProfileStructure } from '../layouts/index.ts';
import { PlacedNames } from './placed-names.ts';
import type { SymbolFileIdentity } from './symbol-source.ts';
import type { SymbolTable, TypeTable } from './symbol-table.ts';

/** Symbols and types of an ISF file. Throws SYMBOLS_UNREADABLE when it is none. */
export class IsfTable implements SymbolTable {
  readonly kind = 'isf';
  readonly isPrivate = false;
  readonly isComplete = true;
  readonly damage = undefined;
  readonly location: string;
  readonly identity: SymbolFileIdentity;
  readonly types: TypeTable;
  readonly #file: IsfFile;
  readonly #placed: PlacedNames;

  constructor(source: ByteSource, location: string) {
    this.location = location;
    this.#file = new IsfFile(source);
    this.#placed = new PlacedNames(this.#file.rvas, this.#file.names);
    this.identity = { kind: 'isf', timestamp: undefined, size: undefined, ...this.#file.identity };
    const { types } = this.#file;
    this.types = {
      structure: (name): ProfileStructure | undefined => types.find(name),
      names: () => types.names(),
      enumeration: (name) => types.enumeration(name),
    };
  }

  rvaOf(name: string): number | undefined {
    return this.#file.rvaOf(name);
  }

  nameAt(rva: number) {
    return this.#placed.nameAt(rva);
  }

  around(rva: number) {
    return this.#placed.around(rva);
  }

  names() {
    return this.#placed.names();
  }
}
