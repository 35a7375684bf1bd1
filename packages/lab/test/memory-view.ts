/** Integers out of anything that reads virtual memory. */
export interface ByteReader {
  read(va: bigint, length: number): Uint8Array;
}

export class MemoryView {
  readonly #reader: ByteReader;

  constructor(reader: ByteReader) {
    this.#reader = reader;
  }

  #view(va: bigint, length: number): DataView {
    const bytes = this.#reader.read(va, length);
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  bytes = (va: bigint, length: number): Uint8Array => this.#reader.read(va, length);
  u16 = (va: bigint): number => this.#view(va, 2).getUint16(0, true);
  u32 = (va: bigint): number => this.#view(va, 4).getUint32(0, true);
  u64 = (va: bigint): bigint => this.#view(va, 8).getBigUint64(0, true);

  /** Pointer of 4 bytes sign-extended, or of 8. */
  pointer = (va: bigint, size: 4 | 8): bigint =>
    size === 8 ? this.u64(va) : BigInt.asUintN(64, BigInt(this.u32(va) | 0));

  /** UNICODE_STRING. */
  unicodeString(va: bigint, size: 4 | 8): string {
    const length = this.u16(va);
    const bytes = this.bytes(this.pointer(va + BigInt(size), size), length);
    return String.fromCharCode(...new Uint16Array(bytes.slice().buffer));
  }

  asciiz(va: bigint, limit = 256): string {
    const bytes = this.bytes(va, limit);
    return String.fromCharCode(...bytes.subarray(0, bytes.indexOf(0)));
  }
}
