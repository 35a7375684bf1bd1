import type { TypeTable } from '../symbols/index.ts';
import type { TypeSource } from './kernel-types.ts';
import type { FoundStructure } from './structure-type.ts';

/** Layouts from the type information that belongs to an image; what it lacks comes from another source. */
export class ImageTypes implements TypeSource {
  readonly source: string;
  readonly exact = true;
  readonly contradictions = [];
  readonly #types: TypeTable;
  readonly #rest: TypeSource | undefined;

  /** `source` as half a sentence: `types in ntkrnlmp.pdb`. */
  constructor(types: TypeTable, source: string, rest?: TypeSource) {
    this.#types = types;
    this.source = source;
    this.#rest = rest;
  }

  structure(name: string): FoundStructure | undefined {
    const own = this.#types.structure(name);
    if (own !== undefined) return { ...own, trust: 'image', source: this.source };
    return this.#rest?.structure(name);
  }

  *names(): Generator<string> {
    yield* this.#types.names();
  }

  enumeration(name: string): ReadonlyMap<string, number> | undefined {
    return this.#types.enumeration?.(name) ?? this.#rest?.enumeration?.(name);
  }
}
