import type { KernelPlaces } from '../layouts/index.ts';
import { PlacedNames } from './placed-names.ts';
import type { SymbolFileIdentity } from './symbol-source.ts';
import type { SymbolTable } from './symbol-table.ts';

/** Built-in names of one kernel image; structures are chosen apart from it, by the build. */
export class BuiltInTable implements SymbolTable {
  readonly kind = 'profile';
  readonly isBuiltIn = true;
  readonly isPrivate = false;
  readonly isComplete = false;
  readonly damage = undefined;
  readonly types = undefined;
  readonly location: string;
  readonly identity: SymbolFileIdentity;
  readonly #kernel: KernelPlaces;
  #placed: PlacedNames | undefined;
  #rvas: ReadonlyMap<string, number> | undefined;

  constructor(kernel: KernelPlaces) {
    const { version, machine, pdb } = kernel;
    this.#kernel = kernel;
    this.location = `built-in profile of nt ${version}`;
    this.identity = { kind: 'profile', pdb, machine, timestamp: undefined, size: undefined };
  }

  rvaOf(name: string): number | undefined {
    this.#rvas ??= new Map(this.#kernel.places().map((place) => [place.name, place.rva]));
    return this.#rvas.get(name);
  }

  nameAt(rva: number) {
    return this.#byPlace().nameAt(rva);
  }

  around(rva: number) {
    return this.#byPlace().around(rva);
  }

  names() {
    return this.#byPlace().names();
  }

  #byPlace(): PlacedNames {
    this.#placed ??= PlacedNames.of(this.#kernel.places());
    return this.#placed;
  }
}
