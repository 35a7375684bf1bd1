/** Little-endian bytes one after the other. */
export class ByteWriter {
  readonly #bytes: number[] = [];

  get length(): number {
    return this.#bytes.length;
  }

  u8(...values: number[]): this {
    for (const value of values) this.#bytes.push(value & 0xff);
    return this;
  }

  u16(...values: number[]): this {
    for (const value of values) this.u8(value, value >>> 8);
    return this;
  }

  u32(...values: number[]): this {
    for (const value of values) this.u16(value, value >>> 16);
    return this;
  }

  /** UTF-8 with a NUL behind it. */
  text(value: string): this {
    return this.raw(Buffer.from(`${value}\0`, 'utf8'));
  }

  raw(bytes: Uint8Array): this {
    for (const byte of bytes) this.#bytes.push(byte);
    return this;
  }

  align(size: number, fill = 0): this {
    while (this.#bytes.length % size !== 0) this.#bytes.push(fill);
    return this;
  }

  /** Writes over a word that is there. */
  patch32(at: number, value: number): void {
    for (let index = 0; index < 4; index++) this.#bytes[at + index] = (value >>> (index * 8)) & 0xff;
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

/** A record with its length and kind, filled up to a multiple of four. */
export function record(kind: number, fill: (to: ByteWriter) => void): Uint8Array {
  const body = new ByteWriter();
  fill(body);
  while ((body.length + 4) % 4 !== 0) body.u8(0);
  return new ByteWriter()
    .u16(body.length + 2, kind)
    .raw(body.bytes())
    .bytes();
}

export const joined = (parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts);
