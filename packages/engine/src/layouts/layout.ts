import { latin1, readU16, readU32, readU64 } from '../base/index.ts';

/** Kinds of fields; `bytes` has a length, and `u32[]`-like arrays are given by `count`. */
export type FieldKind = 'u8' | 'u16' | 'u32' | 'u64' | 'bytes';

/** A field of a structure: where it lies, in bytes, and what it is. */
export interface Field<K extends FieldKind = FieldKind> {
  readonly offset: number;
  readonly kind: K;
  /** Bytes of a `bytes` field, elements of any other; 1 when absent. */
  readonly count: number;
}

/** The fields of a structure, under Microsoft's names. */
export type Fields = Readonly<Record<string, Field>>;

/** A structure as data: Microsoft's names and offsets, and where they come from. */
export interface Layout<F extends Fields = Fields> {
  readonly name: string;
  /** Whole size in bytes. */
  readonly size: number;
  readonly fields: F;
}

const field =
  <K extends FieldKind>(kind: K) =>
  (offset: number, count = 1): Field<K> => ({ offset, kind, count });

/** A byte, or an array of them. */
export const u8 = field('u8');
/** Two bytes, little-endian, or an array of them. */
export const u16 = field('u16');
/** Four bytes, little-endian, or an array of them. */
export const u32 = field('u32');
/** Eight bytes, little-endian, or an array of them. */
export const u64 = field('u64');
/** So many bytes as they are. */
export const bytes = field('bytes');

/** A structure of `size` bytes as data: a name, and its fields. */
export const layout = <F extends Fields>(name: string, size: number, fields: F): Layout<F> => ({
  name,
  size,
  fields,
});

/** What a field of that kind holds. */
type Value<K extends FieldKind> = K extends 'u64' ? bigint : K extends 'bytes' ? Uint8Array : number;
/** What a field of a layout holds. */
type ValueOf<F> = F extends Field<infer K> ? Value<K> : never;

/** Bytes of one element of such a field. */
export const elementSize = (kind: FieldKind): number =>
  kind === 'u64' ? 8 : kind === 'u32' ? 4 : kind === 'u16' ? 2 : 1;

/** A structure in a byte array, read field by field. */
export class StructView<F extends Fields> {
  readonly layout: Layout<F>;
  readonly bytes: Uint8Array;
  readonly base: number;

  constructor(of: Layout<F>, memory: Uint8Array, base = 0) {
    this.layout = of;
    this.bytes = memory;
    this.base = base;
  }

  /** Do the bytes reach past this field? */
  has(name: keyof F): boolean {
    const { offset, kind, count } = this.layout.fields[name]!;
    return this.base + offset + elementSize(kind) * count <= this.bytes.length;
  }

  /** The field's value, or the value of element `index`; the caller has checked `has`. */
  get<N extends keyof F>(name: N, index = 0): ValueOf<F[N]> {
    const { offset, kind, count } = this.layout.fields[name]!;
    const at = this.base + offset + index * elementSize(kind);
    return readKind(this.bytes, at, kind, count) as ValueOf<F[N]>;
  }

  /** A `bytes` field, or any other, as one character a byte. */
  text(name: keyof F): string {
    const { offset, count } = this.layout.fields[name]!;
    return latin1(this.bytes.subarray(this.base + offset, this.base + offset + count));
  }
}

function readKind(
  memory: Uint8Array,
  at: number,
  kind: FieldKind,
  count: number,
): number | bigint | Uint8Array {
  switch (kind) {
    case 'u8':
      return memory[at]!;
    case 'u16':
      return readU16(memory, at);
    case 'u32':
      return readU32(memory, at);
    case 'u64':
      return readU64(memory, at);
    case 'bytes':
      return memory.subarray(at, at + count);
  }
}
