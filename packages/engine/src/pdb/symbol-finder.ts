import { placeKey } from './place-index.ts';
import type { Place } from './section-map.ts';
import type { NameParts, SymbolName, SymbolNames } from './symbol-names.ts';

/** Addresses by name, and all names. */
export class SymbolFinder {
  readonly #pdb: NameParts & { readonly symbolNames: SymbolNames };
  #shown: ReadonlyMap<string, Place> | undefined;

  constructor(pdb: NameParts & { readonly symbolNames: SymbolNames }) {
    this.#pdb = pdb;
  }

  /** A name as the debugger shows it or decorated; exactly as it is written before letters of another case. */
  rvaOf(name: string): number | undefined {
    const place =
      this.#exact(name, false) ??
      this.#exact(name, true) ??
      this.#publicsByShownName().get(name.toLowerCase());
    return place === undefined ? undefined : this.#pdb.sections.rvaOf(place);
  }

  /** All names with their addresses: procedures, variables, and public symbols that are none of these. */
  *names(): Generator<SymbolName> {
    const { sections, symbolNames } = this.#pdb;
    const seen = new Set<number>();
    const give = function* (name: string, place: Place, kind: SymbolName['kind']): Generator<SymbolName> {
      const rva = sections.rvaOf(place);
      if (rva !== undefined && name !== '') yield { name, rva, kind };
    };
    for (const code of this.#pdb.privates.procedures()) {
      if (code.kind === 'separated') continue;
      seen.add(placeKey(code.section, code.offset));
      yield* give(symbolNames.codeName(code), code, 'procedure');
    }
    for (const variable of symbolNames.variables()) {
      seen.add(placeKey(variable.section, variable.offset));
      yield* give(variable.name, variable, 'data');
    }
    const { publics } = this.#pdb;
    for (let index = 0; index < publics.count; index++) {
      const symbol = publics.at(index);
      if (symbol !== undefined && !seen.has(publics.keyAt(index)))
        yield* give(symbolNames.publicName(index), symbol, 'public');
    }
  }

  #exact(name: string, ignoreCase: boolean): Place | undefined {
    for (const symbol of this.#pdb.globals.find(name, ignoreCase)) {
      if (symbol.kind === 'data' && symbol.section !== 0) return symbol;
      if (symbol.kind !== 'procedure') continue;
      const found = this.#pdb.privates.procedureOfRecord(symbol.module, symbol.record);
      if (found !== undefined) return found;
    }
    return this.#pdb.publics.findByName(name, ignoreCase);
  }

  /** Names that differ from the decorated ones; of several under one name the first by place. */
  #publicsByShownName(): ReadonlyMap<string, Place> {
    if (this.#shown !== undefined) return this.#shown;
    const shown = new Map<string, Place>();
    const { publics, symbolNames } = this.#pdb;
    for (let index = 0; index < publics.count; index++) {
      const symbol = publics.at(index);
      const name = symbolNames.publicName(index);
      if (symbol === undefined || symbol.name === name) continue;
      const key = name.toLowerCase();
      if (!shown.has(key)) shown.set(key, symbol);
    }
    this.#shown = shown;
    return shown;
  }
}
