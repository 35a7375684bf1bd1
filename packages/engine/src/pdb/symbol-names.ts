import type { GlobalSymbols } from './global-symbols.ts';
import type { InlineFrame } from './inlined-code.ts';
import type { Procedure } from './module-symbols.ts';
import { keyOf, PlaceIndex, placeKey } from './place-index.ts';
import type { PrivateSymbols } from './private-symbols.ts';
import type { PublicSymbols } from './public-symbols.ts';
import type { Place, SectionMap } from './section-map.ts';
import { undecorate } from './undecorate.ts';

/** What of a program database names come from. */
export interface NameParts {
  readonly sections: SectionMap;
  readonly publics: PublicSymbols;
  readonly globals: GlobalSymbols;
  readonly privates: PrivateSymbols;
}

/** What stands at an RVA. */
export interface NamedPlace {
  /** As the debugger shows it. */
  readonly name: string;
  /** Bytes from the name's own place; of an image that was reordered, in the program as it was before. */
  readonly offset: number;
  readonly kind: 'procedure' | 'data' | 'public';
  /** Inlined functions around it, the outermost first. */
  readonly inlines: readonly InlineFrame[];
}

/** One name of the program. */
export interface SymbolName {
  readonly name: string;
  readonly rva: number;
  readonly kind: NamedPlace['kind'];
}

interface Named {
  readonly name: string;
  readonly key: number;
}

const noInlines: readonly InlineFrame[] = [];

/** Names by address, out of everything that the file knows: procedures before variables before public symbols. */
export class SymbolNames {
  readonly #pdb: NameParts;
  readonly #publicNames: (string | undefined)[] = [];
  readonly #targetNames = new Map<Procedure, string>();
  #variables: { readonly index: PlaceIndex; readonly names: readonly string[] } | undefined;

  constructor(pdb: NameParts) {
    this.#pdb = pdb;
  }

  at(rva: number): NamedPlace | undefined {
    const place = this.#pdb.sections.placeOf(rva);
    if (place === undefined) return undefined;
    return this.#ofProcedure(place) ?? this.#nearest(place);
  }

  /** Name of the public symbol at an index. */
  publicName(index: number): string {
    this.#publicNames[index] ??= undecorate(this.#pdb.publics.at(index)?.name ?? '');
    return this.#publicNames[index]!;
  }

  /** The name of a piece of code; empty when its owner is not known. */
  codeName(code: Procedure): string {
    if (code.target === undefined) return code.name;
    const known = this.#targetNames.get(code) ?? this.#targetName(code, code.target);
    this.#targetNames.set(code, known);
    return known;
  }

  #targetName(code: Procedure, place: Place): string {
    const target = this.#pdb.privates.procedureAt(place);
    const name = target === undefined || target.target !== undefined ? this.#publicAt(place) : target.name;
    return name === '' || code.kind === 'separated' ? name : `ILT+${this.#distanceInTable(code)}(${name})`;
  }

  /** Variables, ascending by place. */
  *variables(): Generator<Place & { readonly name: string }> {
    const { index, names } = this.#readVariables();
    for (let at = 0; at < names.length; at++) {
      const key = index.keys[at]!;
      const section = Math.floor(key / 0x1_0000_0000);
      yield { name: names[index.values[at]!]!, section, offset: key - placeKey(section, 0) };
    }
  }

  #ofProcedure(place: Place): NamedPlace | undefined {
    const found = this.#pdb.privates.codeAt(place);
    if (found === undefined) return undefined;
    const { code, inlines } = found;
    const name = this.codeName(code);
    const start = code.kind === 'separated' ? code.target! : code;
    // Code that was moved in front of its procedure, or into another section, has no offset that could be shown.
    const offset = start.section === place.section ? place.offset - start.offset : -1;
    if (name === '' || offset < 0) return undefined;
    return { name, offset, kind: 'procedure', inlines };
  }

  #nearest(place: Place): NamedPlace | undefined {
    const key = keyOf(place);
    const isPublic = this.#nearestPublic(place);
    const isData = this.#nearestVariable(place);
    const found = isData !== undefined && isData.key >= (isPublic?.key ?? 0) ? isData : isPublic;
    if (found === undefined) return undefined;
    const kind = found === isData ? 'data' : 'public';
    return { name: found.name, offset: key - found.key, kind, inlines: noInlines };
  }

  #nearestPublic(place: Place): Named | undefined {
    const index = this.#pdb.publics.findIndexBefore(place);
    return index === undefined
      ? undefined
      : { name: this.publicName(index), key: this.#pdb.publics.keyAt(index) };
  }

  #nearestVariable(place: Place): Named | undefined {
    const { index, names } = this.#readVariables();
    const at = index.firstOfNearest(keyOf(place));
    const key = index.keys[at];
    if (key === undefined || key < placeKey(place.section, 0)) return undefined;
    return { name: names[index.values[at]!]!, key };
  }

  #readVariables() {
    if (this.#variables !== undefined) return this.#variables;
    const entries: [number, number][] = [];
    const names: string[] = [];
    for (const symbol of this.#pdb.globals.walk()) {
      if (symbol.kind !== 'data' || symbol.section === 0) continue;
      entries.push([keyOf(symbol), names.length]);
      names.push(symbol.name);
    }
    this.#variables = { index: PlaceIndex.of(entries), names };
    return this.#variables;
  }

  /** Name of the public symbol at exactly this place; empty when there is none. */
  #publicAt(place: Place): string {
    const index = this.#pdb.publics.findIndexBefore(place);
    return index === undefined || this.#pdb.publics.keyAt(index) !== keyOf(place)
      ? ''
      : this.publicName(index);
  }

  #distanceInTable(code: Procedure): number {
    const { section, offset } = this.#pdb.publics.thunks;
    return section === code.section && offset <= code.offset ? code.offset - offset : code.offset;
  }
}
