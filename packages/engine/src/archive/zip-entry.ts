import { readU16, readU32, readU64AsNumber } from '../base/index.ts';
import { decodeEntryName } from './entry-name.ts';

/** A file as the central directory describes it; every number is the archive's word. */
export interface ZipEntry {
  /** Printable. */
  readonly name: string;
  readonly isDirectory: boolean;
  readonly isEncrypted: boolean;
  readonly method: number;
  readonly crc: number;
  readonly packedSize: number;
  readonly size: number;
  /** Of its local header. */
  readonly offset: number;
}

/** A 32-bit field with this value has its real one in the zip64 extra field, if there is one. */
const saturated = 0xffff_ffff;
const zip64Extra = 0x0001;
const encryptedFlag = 0x0001;

/** Decodes a central directory header from its fixed part, its name and its extra fields (APPNOTE.TXT 4.3.12). */
export function decodeZipEntry(fixed: Uint8Array, name: Uint8Array, extra: Uint8Array): ZipEntry {
  const wide = new WideFields(findExtra(extra, zip64Extra));
  const size = wide.read(readU32(fixed, 24));
  const packedSize = wide.read(readU32(fixed, 20));
  const offset = wide.read(readU32(fixed, 42));
  return {
    name: decodeEntryName(name),
    isDirectory: name[name.length - 1] === 0x2f,
    isEncrypted: (readU16(fixed, 8) & encryptedFlag) !== 0,
    method: readU16(fixed, 10),
    crc: readU32(fixed, 16),
    packedSize,
    size,
    offset,
  };
}

/** The zip64 extra field: a u64 for each saturated field, in the order size, packed size, offset (APPNOTE.TXT 4.5.3). */
class WideFields {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  read(narrow: number): number {
    if (narrow !== saturated || this.#at + 8 > this.#bytes.length) return narrow;
    this.#at += 8;
    return readU64AsNumber(this.#bytes, this.#at - 8);
  }
}

/** The content of an extra field (APPNOTE.TXT 4.5.1); empty where there is none of that id. */
function findExtra(extra: Uint8Array, id: number): Uint8Array {
  for (let at = 0; at + 4 <= extra.length; at += 4 + readU16(extra, at + 2)) {
    if (readU16(extra, at) === id) return extra.subarray(at + 4, at + 4 + readU16(extra, at + 2));
  }
  return extra.subarray(0, 0);
}
