import { DebuggerError, readU32 } from '../base/index.ts';
import { Crc32 } from './crc32.ts';
import { crc64 } from './crc64.ts';
import { damagedXz, LzmaDecoder } from './lzma.ts';

/**
 * Files packed by xz, unpacked whole. Source: The .xz File Format 1.2.1 (tukaani.org). Filters other than LZMA2 are
 * refused; CRC-32 and CRC-64 are checked, SHA-256 is not.
 */

const magic = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0];
const lzma2 = 0x21;
const checkSizes: Readonly<Record<number, number>> = { 0: 0, 1: 4, 4: 8, 10: 32 };

export const isXz = (bytes: Uint8Array): boolean => magic.every((byte, at) => bytes[at] === byte);

/**
 * Content of an xz file, of at most `limit` bytes. With `enough` it stops when it has so many, without checks of what it
 * then has. Errors: ARCHIVE_DAMAGED, ARCHIVE_TOO_LARGE, ARCHIVE_UNSUPPORTED.
 */
export function unpackXz(bytes: Uint8Array, limit: number, enough = Number.POSITIVE_INFINITY): Uint8Array {
  const decoder = new LzmaDecoder(limit);
  for (let at = 0; at < bytes.length; ) {
    // Streams may follow each other, with zeros between them in fours.
    if (readAt(bytes, at) === 0) at += 4;
    else at = unpackStream(bytes, at, decoder, enough);
    if (decoder.length >= enough) break;
  }
  return decoder.output.subarray(0, decoder.length);
}

const readAt = (bytes: Uint8Array, at: number): number => (at + 4 <= bytes.length ? readU32(bytes, at) : -1);

function unpackStream(bytes: Uint8Array, start: number, decoder: LzmaDecoder, enough: number): number {
  if (!isXz(bytes.subarray(start))) throw damagedXz('a stream does not begin with its signature');
  const flags = bytes.subarray(start + 6, start + 8);
  if (crcOf(flags) !== readAt(bytes, start + 8)) throw damagedXz('the CRC-32 of its header does not match');
  const check = flags[1]! & 15;
  const checkSize = checkSizes[check];
  if (checkSize === undefined) throw unsupported(`check ${check}`);
  let at = start + 12;
  while (at < bytes.length && bytes[at] !== 0) {
    at = unpackBlock(bytes, at, check, checkSize, decoder, enough);
    if (decoder.length >= enough) return at;
  }
  return endOfStream(bytes, at, flags);
}

/** Behind the index, whose size the footer tells. */
function endOfStream(bytes: Uint8Array, index: number, flags: Uint8Array): number {
  for (let end = index + 8; end + 12 <= bytes.length; end += 4) {
    const isFooter = bytes[end + 10] === 0x59 && bytes[end + 11] === 0x5a;
    if (!isFooter || readU32(bytes, end) !== crcOf(bytes.subarray(end + 4, end + 10))) continue;
    const size = (readU32(bytes, end + 4) + 1) * 4;
    const fits = size === end - index && bytes[end + 8] === flags[0] && bytes[end + 9] === flags[1];
    if (!fits || crcOf(bytes.subarray(index, end - 4)) !== readU32(bytes, end - 4))
      throw damagedXz('its index does not match');
    return end + 12;
  }
  throw damagedXz('it is cut off');
}

function unpackBlock(
  bytes: Uint8Array,
  start: number,
  check: number,
  checkSize: number,
  decoder: LzmaDecoder,
  enough: number,
): number {
  const headerSize = (bytes[start]! + 1) * 4;
  const header = bytes.subarray(start, start + headerSize - 4);
  if (readAt(bytes, start + headerSize - 4) !== crcOf(header))
    throw damagedXz('the CRC-32 of a block header does not match');
  checkFilters(header);
  const from = decoder.length;
  const packedEnd = unpackChunks(bytes, start + headerSize, decoder, enough);
  if (decoder.length >= enough) return packedEnd;
  const at = packedEnd + ((4 - ((packedEnd - start) & 3)) & 3);
  if (at + checkSize > bytes.length) throw damagedXz('it is cut off');
  if (bytes.subarray(packedEnd, at).some((byte) => byte !== 0)) throw damagedXz('its padding is not empty');
  compareCheck(bytes, at, check, decoder.output.subarray(from, decoder.length));
  return at + checkSize;
}

function checkFilters(header: Uint8Array): void {
  const flags = header[1] ?? 0;
  if ((flags & 3) !== 0) throw unsupported('more than one filter');
  if ((flags & 0x3c) !== 0) throw damagedXz('reserved flags are set');
  let at = 2;
  for (const flag of [0x40, 0x80]) if ((flags & flag) !== 0) while ((header[at++] ?? 0) >= 0x80);
  if (header[at] !== lzma2) throw unsupported(`filter 0x${(header[at] ?? 0).toString(16)}`);
}

function unpackChunks(bytes: Uint8Array, start: number, decoder: LzmaDecoder, enough: number): number {
  let at = start;
  let first = true;
  for (;;) {
    const control = bytes[at];
    if (control === undefined) throw damagedXz('it is cut off');
    if (control === 0) return at + 1;
    if (decoder.length >= enough) return at;
    if (first && control !== 1 && control < 0xe0) throw damagedXz('its first chunk resets nothing');
    first = false;
    at = control < 0x80 ? copyChunk(bytes, at, decoder) : unpackChunk(bytes, at, decoder);
  }
}

function copyChunk(bytes: Uint8Array, at: number, decoder: LzmaDecoder): number {
  if (bytes[at]! > 2) throw damagedXz('a chunk is of an unknown kind');
  if (bytes[at] === 1) decoder.resetDictionary();
  const end = at + 3 + bigEndian(bytes, at + 1) + 1;
  if (end > bytes.length) throw damagedXz('it is cut off');
  decoder.copy(bytes.subarray(at + 3, end));
  return end;
}

function unpackChunk(bytes: Uint8Array, at: number, decoder: LzmaDecoder): number {
  const control = bytes[at]!;
  const size = ((control & 0x1f) << 16) + bigEndian(bytes, at + 1) + 1;
  const packed = bigEndian(bytes, at + 3) + 1;
  const reset = (control >>> 5) & 3;
  if (reset === 3) decoder.resetDictionary();
  if (reset >= 2) decoder.setProperties(bytes[at + 5] ?? 0xff);
  if (reset >= 1) decoder.resetState();
  const start = at + (reset >= 2 ? 6 : 5);
  if (start + packed > bytes.length) throw damagedXz('it is cut off');
  decoder.decode(bytes.subarray(start, start + packed), size);
  return start + packed;
}

const bigEndian = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);

function compareCheck(bytes: Uint8Array, at: number, check: number, content: Uint8Array): void {
  const fits =
    check === 1
      ? readU32(bytes, at) === crcOf(content)
      : check !== 4 || crc64(content).every((half, index) => half === readU32(bytes, at + index * 4));
  if (!fits) throw damagedXz('its check value does not match its content');
}

function crcOf(bytes: Uint8Array): number {
  const crc = new Crc32();
  crc.add(bytes);
  return crc.value;
}

const unsupported = (what: string) =>
  new DebuggerError('ARCHIVE_UNSUPPORTED', `the xz file uses ${what}, which is not unpacked here`);
