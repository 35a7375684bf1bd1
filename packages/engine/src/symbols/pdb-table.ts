import { DebuggerError } from '../base/index.ts';
import type { Machine } from '../cpu/index.ts';
import type { ByteSource } from '../io/index.ts';
import { type FrameData, PdbFile } from '../pdb/index.ts';
import { PlacedNames } from './placed-names.ts';
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
  #placed: PlacedNames | undefined;
  #isPrivate: boolean | undefined;
  #damage: string | undefined;

  constructor(source: ByteSource, location: string) {
    this.location = location;
    this.#pdb = new PdbFile(source);
    const { guid, age, machine } = this.#pdb.identity;
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
      enumeration: (type) => this.#guard(() => this.#enumeration(type)),
    };
  }

  #enumeration(type: string): ReadonlyMap<string, number> | undefined {
    const found = this.#pdb.enumerations.find(type);
    return found === undefined
      ? undefined
      : new Map(found.values.map(({ name, value }) => [name, Number(value)] as const));
  }

  get damage(): string | undefined {
    return this.#damage;
  }

  get notes(): readonly string[] {
    return this.#guard(() => this.#pdb.limits) ?? [];
  }

  get isPrivate(): boolean {
    this.#isPrivate ??=
      this.#guard(
        () => !this.#pdb.dbi.isStripped && this.#pdb.privates.modules.some((each) => each.symbolBytes > 4),
      ) ?? false;
    return this.#isPrivate;
  }

  nameAt(rva: number): NamedOffset | undefined {
    return this.#guard(() => this.#pdb.nameAt(rva));
  }

  rvaOf(name: string): number | undefined {
    return this.#guard(() => this.#pdb.rvaOfName(name));
  }

  around(rva: number): { readonly before: readonly PlacedName[]; readonly after?: PlacedName } {
    return this.#byPlace().around(rva);
  }

  names(): Generator<PlacedName> {
    return this.#byPlace().names();
  }

  boundsAt(rva: number): { readonly start: number; readonly end: number } | undefined {
    return this.#guard(() => this.#pdb.boundsAt(rva));
  }

  inlinesAt(rva: number): readonly InlineSite[] {
    const sites = this.#guard(() => {
      const named = this.#pdb.nameAt(rva);
      return named?.inlines.map(({ name, start, source }) => ({
        name,
        source,
        offset: named.offset >= start ? named.offset - start : undefined,
      }));
    });
    return sites?.reverse() ?? [];
  }

  lineAt(rva: number): SourceLine | undefined {
    return this.#guard(() => this.#pdb.lineAt(rva));
  }

  frameDataAt(rva: number): FrameData | undefined {
    return this.#guard(() => this.#pdb.fpoAt(rva));
  }

  /** All names in the order of their places; collected at the first question. */
  #byPlace(): PlacedNames {
    this.#placed ??= PlacedNames.of(this.#guard(() => [...this.#pdb.names()]) ?? []);
    return this.#placed;
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
