/** Basic types: the low byte of an index below 0x1000. Source: cvinfo.h. */
const kinds: Readonly<Record<string, number>> = {
  void: 0x03,
  i8: 0x10,
  i16: 0x11,
  i32: 0x12,
  i64: 0x13,
  u8: 0x20,
  u16: 0x21,
  u32: 0x22,
  u64: 0x23,
  f32: 0x40,
  f64: 0x41,
};

/** Bits that make a basic type a pointer to it. */
const pointerModes = { 4: 0x400, 8: 0x600 } as const;

/** Index of a basic type by its name in the profiles; undefined for any other name. */
export const basicIndex = (name: string): number | undefined => kinds[name];

export const basicPointer = (kind: number, pointerSize: 4 | 8): number => kind | pointerModes[pointerSize];

/** A type as the profiles write it: `**_X[4][2]`, `u32:3:2`, `{10}`, `i32=_KIND`, `*(long)`. */
export interface TypeText {
  readonly stars: number;
  /** Integer, structure, `{size}` or `(result)`. */
  readonly name: string;
  readonly enumeration: string | undefined;
  /** The outer first. */
  readonly dimensions: readonly number[];
  readonly bits: { readonly position: number; readonly width: number } | undefined;
}

const shape = /^(\**)(\{[0-9a-f]+\}|\([^)]*\)|\w+)(?:=(\w+))?((?:\[\d+\])*)(?::(\d+):(\d+))?$/;

/** Undefined when the text is no type. */
export function parseType(text: string): TypeText | undefined {
  const found = shape.exec(text);
  if (found === null) return undefined;
  const [, stars = '', name = '', enumeration, arrays = '', position, width] = found;
  return {
    stars: stars.length,
    name,
    enumeration,
    dimensions: Array.from(arrays.matchAll(/\d+/g), ([count]) => Number(count)),
    bits: position === undefined ? undefined : { position: Number(position), width: Number(width) },
  };
}

/** Bytes of a basic type. */
export const basicSize = (name: string): number => Number(/\d+$/.exec(name)?.[0] ?? 0) / 8;
