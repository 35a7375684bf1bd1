import { assert } from '@poolscope/engine/base';
import { elementSize, type Field, type Fields, type Layout } from '@poolscope/engine/layouts';
import { writeU16, writeU32, writeU64 } from './integers.ts';

type ValueOf<F> =
  F extends Field<infer K> ? (K extends 'u64' ? bigint : K extends 'bytes' ? Uint8Array : number) : never;

type Values<F extends Fields> = { readonly [N in keyof F]?: ValueOf<F[N]> };

/** A structure in a byte array, written field by field. */
export class StructWriter<F extends Fields> {
  readonly bytes: Uint8Array;
  readonly #layout: Layout<F>;
  readonly #base: number;

  constructor(layout: Layout<F>, bytes: Uint8Array = new Uint8Array(layout.size), base = 0) {
    this.#layout = layout;
    this.bytes = bytes;
    this.#base = base;
  }

  /** Writes a field, or element `index` of an array field; a `bytes` field may be given shorter than it is. */
  set<N extends keyof F>(name: N, value: ValueOf<F[N]>, index = 0): this {
    const { offset, kind, count } = this.#layout.fields[name]!;
    const at = this.#base + offset + index * elementSize(kind);
    if (kind === 'u64') writeU64(this.bytes, at, value as bigint);
    else if (kind === 'u32') writeU32(this.bytes, at, value as number);
    else if (kind === 'u16') writeU16(this.bytes, at, value as number);
    else if (kind === 'u8') this.bytes[at] = value as number;
    else {
      const field = value as Uint8Array;
      assert(
        field.length <= count,
        `${this.#layout.name}.${String(name)} takes ${count} bytes, not ${field.length}`,
      );
      this.bytes.set(field, at);
    }
    return this;
  }

  setAll(values: Values<F>): this {
    for (const [name, value] of Object.entries(values))
      if (value !== undefined) this.set(name as keyof F, value as ValueOf<F[keyof F]>);
    return this;
  }
}

/** A structure of its own, all other bytes zero. */
export const structBytes = <F extends Fields>(layout: Layout<F>, values: Values<F>): Uint8Array =>
  new StructWriter(layout).setAll(values).bytes;
