import { DebuggerError } from '../base/index.ts';
import type { Machine } from '../cpu/index.ts';
import type { ByteSource } from '../io/index.ts';
import { PdbFile, type Place, PrivateSymbols } from '../pdb/index.ts';
import type { SymbolFileIdentity } from './symbol-source.ts';
import type {
  InlineSite,
  NamedOffset,
  PlacedName,
  SourceLine,
  SymbolTable,
  TypeTable,
} from './symbol-table.ts';

const machines: Readonly<Record<number, Machine>> = { 0x8664: 'x64', 0x14c: 'x86', 0xaa64: 'arm64' };

/** Symbols of a program database. The constructor throws PDB_UNREADABLE; later damage ends the answers. */
export class PdbTable implements SymbolTable {
  readonly kind = 'pdb';
  readonly isComplete = true;
  readonly location: string;
  readonly identity: SymbolFileIdentity;
  readonly types: TypeTable;
  readonly #pdb: PdbFile;
  readonly #private: PrivateSymbols;
  #damage: string | undefined;

  constructor(source: ByteSource, location: string) {
    this.location = location;
    this.#pdb = new PdbFile(source);
    this.#private = new PrivateSymbols(this.#pdb);
    const { guid } = this.#pdb.info;
    const { age, machine } = this.#pdb.dbi;
    const name = location.slice(Math.max(location.lastIndexOf('/'), location.lastIndexOf('\\')) + 1);
    this.identity = {
      kind: 'pdb',
      pdb: { name, guid, age },
      timestamp: undefined,
      size: undefined,
      machine: machines[machine],
    };
    this.types = {
      structure: (type) => this.#guard(() => this.#pdb.structures.find(type)),
      names: () => this.#guard(() => [...this.#pdb.structures.names()]) ?? [],
    };
  }

  get damage(): string | undefined {
    return this.#damage;
  }

  get isPrivate(): boolean {
    return this.#guard(() => this.#private.modules.some(({ symbolBytes }) => symbolBytes > 4)) ?? false;
  }

  nameAt(rva: number): NamedOffset | undefined {
    return this.#guard(() => {
      const place = this.#pdb.sections.placeOf(rva);
      if (place === undefined) return undefined;
      const procedure = this.#private.procedureAt(place);
      if (procedure !== undefined) return { name: procedure.name, offset: place.offset - procedure.offset };
      const index = this.#pdb.publics.findIndexBefore(place);
      const symbol = index === undefined ? undefined : this.#pdb.publics.at(index);
      return symbol === undefined ? undefined : { name: symbol.name, offset: place.offset - symbol.offset };
    });
  }

  rvaOf(name: string): number | undefined {
    return this.#guard(() => {
      const symbol = this.#pdb.publics.findByName(name);
      if (symbol !== undefined) return this.#pdb.sections.rvaOf(symbol);
      for (const procedure of this.#private.procedures())
        if (procedure.name === name) return this.#pdb.sections.rvaOf(procedure);
      return undefined;
    });
  }

  around(rva: number): { readonly before: readonly PlacedName[]; readonly after?: PlacedName } {
    const found = this.#guard(() => {
      const place = this.#pdb.sections.placeOf(rva);
      const index = place === undefined ? undefined : this.#pdb.publics.findIndexBefore(place);
      if (index === undefined) return undefined;
      const same: PlacedName[] = [];
      const first = this.#placedAt(index);
      let at = index;
      let next = first;
      for (; next !== undefined && next.rva === first?.rva; next = this.#placedAt(++at)) same.push(next);
      return next === undefined ? { before: same } : { before: same, after: next };
    });
    return found ?? { before: [] };
  }

  *names(): Generator<PlacedName> {
    const count = this.#guard(() => this.#pdb.publics.count) ?? 0;
    for (let index = 0; index < count; index++) {
      const placed = this.#guard(() => this.#placedAt(index));
      if (placed !== undefined) yield placed;
    }
  }

  boundsAt(rva: number): { readonly start: number; readonly end: number } | undefined {
    return this.#guard(() => {
      const place = this.#pdb.sections.placeOf(rva);
      const found = place === undefined ? undefined : this.#private.procedureAt(place);
      const start = found === undefined ? undefined : this.#pdb.sections.rvaOf(found);
      return start === undefined ? undefined : { start, end: start + found!.length };
    });
  }

  inlinesAt(rva: number): readonly InlineSite[] {
    return this.#atPlace(rva, (place) => this.#private.inlineFrames(place).toReversed()) ?? [];
  }

  lineAt(rva: number): SourceLine | undefined {
    return this.#atPlace(rva, (place) => this.#private.lineAt(place));
  }

  #placedAt(index: number): PlacedName | undefined {
    const symbol = this.#pdb.publics.at(index);
    const rva = symbol === undefined ? undefined : this.#pdb.sections.rvaOf(symbol);
    return rva === undefined ? undefined : { name: symbol!.name, rva };
  }

  #atPlace<Result>(rva: number, ask: (place: Place) => Result): Result | undefined {
    return this.#guard(() => {
      const place = this.#pdb.sections.placeOf(rva);
      return place === undefined ? undefined : ask(place);
    });
  }

  /** Damage that shows late ends this table, not the analysis. */
  #guard<Result>(ask: () => Result): Result | undefined {
    if (this.#damage !== undefined) return undefined;
    try {
      return ask();
    } catch (error) {
      if (!(error instanceof DebuggerError)) throw error;
      this.#damage = error.message;
      return undefined;
    }
  }
}
