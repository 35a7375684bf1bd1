import type { Place } from './section-map.ts';

/** A place as one number that ascends with it: exact, as sections have 16 bits and offsets 32. */
export const placeKey = (section: number, offset: number): number => section * 0x1_0000_0000 + offset;

export const keyOf = ({ section, offset }: Place): number => placeKey(section, offset);

/** Entries that are looked at of one place: those of damaged files may be there by the hundred thousand. */
export const mostAtOnePlace = 256;

/** Numbers under ascending keys, found in O(log n). Those of one key keep the order in which they came. */
export class PlaceIndex {
  readonly keys: Float64Array;
  readonly values: Uint32Array;

  constructor(keys: Float64Array, values: Uint32Array) {
    const order = isAscending(keys) ? undefined : sortedOrder(keys);
    this.keys = order === undefined ? keys : Float64Array.from(order, (index) => keys[index]!);
    this.values = order === undefined ? values : Uint32Array.from(order, (index) => values[index]!);
  }

  /** From pairs of a key and a number. */
  static of(entries: readonly (readonly [key: number, value: number])[]): PlaceIndex {
    const keys = Float64Array.from(entries, ([key]) => key);
    return new PlaceIndex(
      keys,
      Uint32Array.from(entries, ([, value]) => value),
    );
  }

  /** First position whose key is above `key`. */
  after(key: number): number {
    return this.#first(key, true);
  }

  /** First position whose key is `key` or above it. */
  from(key: number): number {
    return this.#first(key, false);
  }

  /** Position of the last key at or before `key`, of equal ones the first; -1 when all are above. */
  firstOfNearest(key: number): number {
    const nearest = this.after(key) - 1;
    const isFirst = nearest < 1 || this.keys[nearest - 1] !== this.keys[nearest];
    return isFirst ? nearest : this.from(this.keys[nearest]!);
  }

  #first(key: number, isBehindEqual: boolean): number {
    const { keys } = this;
    let low = 0;
    let high = keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const found = keys[middle]!;
      if (found < key || (isBehindEqual && found === key)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function isAscending(keys: Float64Array): boolean {
  for (let index = 1; index < keys.length; index++) if (keys[index]! < keys[index - 1]!) return false;
  return true;
}

function sortedOrder(keys: Float64Array): Uint32Array {
  const order = Uint32Array.from(keys, (_, index) => index);
  return order.sort((a, b) => keys[a]! - keys[b]! || a - b);
}
