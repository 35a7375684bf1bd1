/** Eight tables of 256: table n gives the effect of a byte that n more bytes follow. */
const tables = makeTables();

/** CRC-32 of zip and gzip (ISO 3309, reflected polynomial 0xEDB88320), eight bytes a step. */
export class Crc32 {
  #state = -1;

  add(bytes: Uint8Array): void {
    const t = tables;
    const wide = bytes.length & ~7;
    let crc = this.#state;
    let at = 0;
    for (; at < wide; at += 8) {
      crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
      crc =
        t[0x700 + (crc & 0xff)]! ^
        t[0x600 + ((crc >>> 8) & 0xff)]! ^
        t[0x500 + ((crc >>> 16) & 0xff)]! ^
        t[0x400 + (crc >>> 24)]! ^
        t[0x300 + bytes[at + 4]!]! ^
        t[0x200 + bytes[at + 5]!]! ^
        t[0x100 + bytes[at + 6]!]! ^
        t[bytes[at + 7]!]!;
    }
    for (; at < bytes.length; at++) crc = (crc >>> 8) ^ t[(crc ^ bytes[at]!) & 0xff]!;
    this.#state = crc;
  }

  /** The checksum of the bytes so far, 0 to 2^32 - 1. */
  get value(): number {
    return ~this.#state >>> 0;
  }
}

function makeTables(): Int32Array {
  const table = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xedb8_8320 : crc >>> 1;
    table[byte] = crc;
  }
  for (let at = 256; at < table.length; at++) {
    const before = table[at - 256]!;
    table[at] = (before >>> 8) ^ table[before & 0xff]!;
  }
  return table;
}
