import type { NamedOffset, PlacedName } from './symbol-table.ts';

/** Names of one place that are compared: a damaged file may have all of its names there. */
const mostCompared = 256;

/** Names sorted by place: the look-ups that ISF files and profiles share, each by halving. */
export class PlacedNames {
  readonly #rvas: Uint32Array;
  readonly #names: readonly string[];

  /** `rvas` ascending, one for each name. */
  constructor(rvas: Uint32Array, names: readonly string[]) {
    this.#rvas = rvas;
    this.#names = names;
  }

  /** Of names in any order. */
  static of(names: readonly PlacedName[]): PlacedNames {
    const sorted = [...names].sort((a, b) => a.rva - b.rva);
    return new PlacedNames(
      Uint32Array.from(sorted, ({ rva }) => rva),
      sorted.map(({ name }) => name),
    );
  }

  nameAt(rva: number): NamedOffset | undefined {
    const behind = this.#countUntil(rva);
    const start = this.#rvas[behind - 1];
    return start === undefined ? undefined : { name: this.#bestOf(behind), offset: rva - start };
  }

  around(rva: number): { readonly before: readonly PlacedName[]; readonly after?: PlacedName } {
    const behind = this.#countUntil(rva);
    const start = this.#rvas[behind - 1];
    const best = start === undefined ? undefined : this.#bestOf(behind);
    const before: PlacedName[] = [];
    for (let at = behind - 1; start !== undefined && this.#rvas[at] === start; at--)
      before.unshift({ name: this.#names[at]!, rva: start });
    before.sort((a, b) => Number(b.name === best) - Number(a.name === best));
    const after = this.#rvas[behind];
    return after === undefined ? { before } : { before, after: { name: this.#names[behind]!, rva: after } };
  }

  *names(): Generator<PlacedName> {
    for (const [at, name] of this.#names.entries()) yield { name, rva: this.#rvas[at]! };
  }

  /** Of the names of one place, which end before `behind`, the one that reads best. */
  #bestOf(behind: number): string {
    let best = this.#names[behind - 1]!;
    const start = this.#rvas[behind - 1];
    for (let at = behind - 2; at >= 0 && at >= behind - mostCompared && this.#rvas[at] === start; at--)
      if (compareNames(this.#names[at]!, best) < 0) best = this.#names[at]!;
    return best;
  }

  /** How many places are at or before `rva`. */
  #countUntil(rva: number): number {
    let low = 0;
    let high = this.#rvas.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#rvas[middle]! <= rva) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Names that people write come before those that compilers make; then the alphabet decides. */
export function compareNames(a: string, b: string): number {
  const made = Number(isMade(a)) - Number(isMade(b));
  return made !== 0 ? made : a < b ? -1 : a > b ? 1 : 0;
}

const isMade = (name: string): boolean => !/^[A-Za-z]/.test(name);
