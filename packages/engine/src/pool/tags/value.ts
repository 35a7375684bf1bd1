/** What is known of a register or of a word of the stack while code is followed. */
export type FlowValue =
  /**
   * The tag that is looked for, by the instructions that brought it in (RVAs). `swapped`: its bytes are in reverse order.
   * `shift`: bytes before it in a register that is wider.
   */
  | {
      readonly kind: 'tag';
      readonly seeds: readonly number[];
      readonly swapped: boolean;
      readonly shift: number;
    }
  /** An address on the stack, counted from where the stack pointer was when following began. */
  | { readonly kind: 'stack'; readonly offset: number }
  /** An address in the image. */
  | { readonly kind: 'address'; readonly rva: number }
  /** An address somewhere behind `rva` in the image: an element of a table. */
  | { readonly kind: 'table'; readonly rva: number }
  /** What a variable of the image holds. */
  | { readonly kind: 'loaded'; readonly rva: number }
  /** What stands at an offset from where a variable of the image points to. */
  | { readonly kind: 'field'; readonly rva: number; readonly offset: number }
  /** What a register had when the function began, which it has to give back. */
  | { readonly kind: 'kept' }
  /** Something that is none of these. */
  | { readonly kind: 'other' };

/** Bytes between two addresses that may be elements of one table. */
const sameTable = 0x400;

/** A loop goes from one element of a table to the next. */
function elementOf(a: FlowValue, b: FlowValue): FlowValue | undefined {
  if (a.kind !== 'address' && a.kind !== 'table') return undefined;
  if (b.kind !== 'address' && b.kind !== 'table') return undefined;
  return Math.abs(a.rva - b.rva) < sameTable ? { kind: 'table', rva: Math.min(a.rva, b.rva) } : undefined;
}

type Tagged = Extract<FlowValue, { kind: 'tag' }>;

const isInSameForm = (a: Tagged, b: Tagged): boolean => a.swapped === b.swapped && a.shift === b.shift;

/** Is it the tag as a function would take it? */
export const isPlainTag = (value: FlowValue | undefined): value is Tagged =>
  value?.kind === 'tag' && !value.swapped && value.shift === 0;

/** Instructions that one value is told to come from. */
const mostSeeds = 8;

/** A value where two ways meet: the tag stays one if it comes by either of them; all else must be the same on both. */
export function mergeValues(a: FlowValue | undefined, b: FlowValue | undefined): FlowValue | undefined {
  if (a?.kind === 'tag')
    return b?.kind === 'tag' && isInSameForm(a, b) ? { ...a, seeds: joinSeeds(a.seeds, b.seeds) } : a;
  if (b?.kind === 'tag') return b;
  if (a === undefined || b === undefined) return undefined;
  return isSame(a, b) ? a : elementOf(a, b);
}

function joinSeeds(a: readonly number[], b: readonly number[]): readonly number[] {
  const added = b.filter((seed) => !a.includes(seed));
  return added.length === 0 ? a : [...a, ...added].slice(0, mostSeeds);
}

type Bare = Extract<FlowValue, { kind: 'other' | 'kept' }>;

const isBare = (value: FlowValue): value is Bare => value.kind === 'other' || value.kind === 'kept';

function isSame(a: FlowValue, b: FlowValue): boolean {
  if (a === b) return true;
  if (a.kind === 'tag' || b.kind === 'tag') return false;
  if (isBare(a) || isBare(b)) return a.kind === b.kind;
  if (a.kind === 'stack' || b.kind === 'stack')
    return a.kind === 'stack' && b.kind === 'stack' && a.offset === b.offset;
  const fieldOf = (value: typeof a): number => (value.kind === 'field' ? value.offset : 0);
  return a.kind === b.kind && a.rva === b.rva && fieldOf(a) === fieldOf(b);
}

const isEqual = (a: FlowValue, b: FlowValue): boolean =>
  a.kind === 'tag' && b.kind === 'tag'
    ? isInSameForm(a, b) && a.seeds.length === b.seeds.length
    : isSame(a, b);

/** A register by its whole name, or a word of the stack by its distance from where the stack pointer was. */
export type Place = string | number;

/** What is known of registers and the stack at one instruction. */
export class FlowState {
  readonly #values: Map<Place, FlowValue>;
  #tags = 0;

  constructor(values: Iterable<readonly [Place, FlowValue]> = []) {
    this.#values = new Map(values);
    for (const { kind } of this.#values.values()) if (kind === 'tag') this.#tags++;
  }

  /** Is the tag anywhere? */
  get hasTag(): boolean {
    return this.#tags > 0;
  }

  get(place: Place | undefined): FlowValue | undefined {
    return place === undefined ? undefined : this.#values.get(place);
  }

  set(place: Place | undefined, value: FlowValue | undefined): void {
    if (place === undefined) return;
    if (this.#values.get(place)?.kind === 'tag') this.#tags--;
    if (value?.kind === 'tag') this.#tags++;
    if (value === undefined) this.#values.delete(place);
    else this.#values.set(place, value);
  }

  clone(): FlowState {
    return new FlowState(this.#values);
  }

  entries(): IterableIterator<[Place, FlowValue]> {
    return this.#values.entries();
  }

  /** Takes in what is known on another way to the same instruction; tells whether that changes anything. */
  merge(other: FlowState): boolean {
    let isChanged = false;
    for (const [place, value] of this.#values) {
      const merged = mergeValues(value, other.get(place));
      if (merged !== undefined && isEqual(merged, value)) continue;
      this.set(place, merged);
      isChanged = true;
    }
    for (const [place, value] of other.entries()) {
      if (value.kind !== 'tag' || this.#values.has(place)) continue;
      this.set(place, value);
      isChanged = true;
    }
    return isChanged;
  }
}
