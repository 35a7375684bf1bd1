/** Numbers of one kind; a column doubles its room when it is full. */
type Numbers = Uint8Array | Uint16Array | Uint32Array | Float64Array;

export class Column<Array_ extends Numbers> {
  /** Longer than what it holds. */
  values: Array_;
  readonly #make: (length: number) => Array_;

  constructor(make: (length: number) => Array_, room = 1024) {
    this.#make = make;
    this.values = make(room);
  }

  /** Puts values behind the first `length` ones. */
  append(length: number, more: Array_): void {
    const needed = length + more.length;
    if (needed > this.values.length) {
      const values = this.#make(Math.max(needed, this.values.length * 2));
      values.set(this.values.subarray(0, length));
      this.values = values;
    }
    this.values.set(more, length);
  }
}
