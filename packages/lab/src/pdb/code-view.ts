import { ByteWriter } from './byte-writer.ts';

/** Kinds of symbol records that are written. Source: microsoft-pdb, cvinfo.h. */
export const symbol = {
  S_END: 0x0006,
  S_OBJNAME: 0x1101,
  S_BLOCK32: 0x1103,
  S_LABEL32: 0x1105,
  S_UDT: 0x1108,
  S_PUB32: 0x110e,
  S_LPROC32: 0x110f,
  S_GPROC32: 0x1110,
  S_PROCREF: 0x1125,
  S_LPROCREF: 0x1127,
  S_SECTION: 0x1136,
  S_COMPILE3: 0x113c,
  S_INLINESITE: 0x114d,
  S_INLINESITE_END: 0x114e,
} as const;

/** Kinds of type records that are written. Source: microsoft-pdb, cvinfo.h. */
export const leaf = {
  LF_POINTER: 0x1002,
  LF_PROCEDURE: 0x1008,
  LF_ARGLIST: 0x1201,
  LF_FIELDLIST: 0x1203,
  LF_BITFIELD: 0x1205,
  LF_INDEX: 0x1404,
  LF_ENUMERATE: 0x1502,
  LF_ARRAY: 0x1503,
  LF_STRUCTURE: 0x1505,
  LF_UNION: 0x1506,
  LF_ENUM: 0x1507,
  LF_MEMBER: 0x150d,
  LF_FUNC_ID: 0x1601,
} as const;

/** A record of symbols: length without itself, kind, data, zeros up to a multiple of four. */
export function symbolRecord(kind: number, fill: (to: ByteWriter) => void = () => {}): Uint8Array {
  const body = new ByteWriter();
  fill(body);
  const size = body.align(4).length;
  return new ByteWriter()
    .u16(size + 2, kind)
    .raw(body.bytes())
    .bytes();
}

/** The same of types, where every byte of the filling says how far it is to the end. */
export function typeRecord(kind: number, fill: (to: ByteWriter) => void): Uint8Array {
  const body = new ByteWriter();
  fill(body);
  fillUp(body);
  return new ByteWriter()
    .u16(body.length + 2, kind)
    .raw(body.bytes())
    .bytes();
}

/** LF_PAD3 to LF_PAD1. */
export function fillUp(to: ByteWriter): void {
  for (let left = -to.length & 3; left > 0; left--) to.u8(0xf0 + left);
}

/** A number inside a record of types: small ones stand for themselves. */
export function numeric(to: ByteWriter, value: bigint): void {
  if (value >= 0n && value < 0x8000n) to.u16(Number(value));
  else if (value >= -0x8000_0000n && value < 0n) to.u16(0x8003).u32(Number(value));
  else if (value >= 0n && value <= 0xffff_ffffn) to.u16(0x8004).u32(Number(value));
  else to.u16(value < 0n ? 0x8009 : 0x800a).u64(BigInt.asUintN(64, value));
}
