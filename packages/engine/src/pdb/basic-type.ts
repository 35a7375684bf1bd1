/** Kinds of basic types, the low byte of an index below 0x1000, as the profiles write them. Source: cvinfo.h. */
const kinds: Readonly<Record<number, string>> = {
  0x03: 'void',
  0x08: 'i32',
  0x10: 'i8',
  0x11: 'i16',
  0x12: 'i32',
  0x13: 'i64',
  0x20: 'u8',
  0x21: 'u16',
  0x22: 'u32',
  0x23: 'u64',
  0x30: 'u8',
  0x31: 'u16',
  0x32: 'u32',
  0x33: 'u64',
  0x40: 'f32',
  0x41: 'f64',
  0x68: 'i8',
  0x69: 'u8',
  0x70: 'i8',
  0x71: 'u16',
  0x72: 'i16',
  0x73: 'u16',
  0x74: 'i32',
  0x75: 'u32',
  0x76: 'i64',
  0x77: 'u64',
  0x7a: 'u16',
  0x7b: 'u32',
  0x7c: 'u8',
};

/** The same as the debugger writes what a function returns. */
const words: Readonly<Record<number, string>> = {
  0x03: 'void',
  0x08: 'HRESULT',
  0x10: 'char',
  0x11: 'short',
  0x12: 'long',
  0x13: 'int64',
  0x20: 'unsigned char',
  0x21: 'unsigned short',
  0x22: 'unsigned long',
  0x23: 'unsigned int64',
  0x30: 'bool',
  0x40: 'float',
  0x41: 'double',
  0x70: 'char',
  0x71: 'wchar_t',
  0x72: 'short',
  0x73: 'unsigned short',
  0x74: 'int',
  0x75: 'unsigned int',
  0x76: 'int64',
  0x77: 'unsigned int64',
};

/** A basic type in words: `unsigned long`, `void*`; undefined for one that is not known. */
export function basicWords(index: number): string | undefined {
  const name = words[index & 0xff];
  const mode = (index >>> 8) & 0xf;
  return name === undefined || mode === 0 ? name : `${name}*`;
}

/** A basic type in the form of the profiles: `u32`, `*void`; undefined for one that is not known. */
export function basicType(index: number): string | undefined {
  const kind = kinds[index & 0xff];
  const mode = (index >>> 8) & 0xf;
  if (kind === undefined) return index === 0 ? 'void' : undefined;
  return mode === 0 ? kind : `*${kind}`;
}

/** Bytes of a basic type. */
export function basicSize(index: number): number | undefined {
  const mode = (index >>> 8) & 0xf;
  if (mode !== 0) return mode === 6 ? 8 : 4;
  const bits = /\d+$/.exec(kinds[index & 0xff] ?? '')?.[0];
  return bits === undefined ? undefined : Number(bits) / 8;
}
