import { readU16, readU32, readU64 } from '../base/index.ts';

/** A number inside a type record, and where it ends. */
export interface NumericLeaf {
  readonly value: bigint;
  readonly end: number;
}

/** Small numbers stand for themselves; others follow a word that says their size. Undefined for other kinds, or cut. */
export function readNumericLeaf(bytes: Uint8Array, at: number): NumericLeaf | undefined {
  if (at + 2 > bytes.length) return undefined;
  const word = readU16(bytes, at);
  if (word < 0x8000) return { value: BigInt(word), end: at + 2 };
  const kind = kinds[word];
  if (kind === undefined || at + 2 + kind.size > bytes.length) return undefined;
  return { value: kind.read(bytes, at + 2), end: at + 2 + kind.size };
}

interface NumericKind {
  readonly size: number;
  read(bytes: Uint8Array, at: number): bigint;
}

const signed = (bits: number, value: bigint): bigint => BigInt.asIntN(bits, value);

const kinds: Readonly<Record<number, NumericKind>> = {
  0x8000: { size: 1, read: (bytes, at) => signed(8, BigInt(bytes[at]!)) },
  0x8001: { size: 2, read: (bytes, at) => signed(16, BigInt(readU16(bytes, at))) },
  0x8002: { size: 2, read: (bytes, at) => BigInt(readU16(bytes, at)) },
  0x8003: { size: 4, read: (bytes, at) => signed(32, BigInt(readU32(bytes, at))) },
  0x8004: { size: 4, read: (bytes, at) => BigInt(readU32(bytes, at)) },
  0x8009: { size: 8, read: (bytes, at) => signed(64, readU64(bytes, at)) },
  0x800a: { size: 8, read: readU64 },
};
