import { DebuggerError } from '../base/index.ts';
import type { ByteSource } from '../io/index.ts';
import { walkGzip } from './gzip.ts';
import { isXz, unpackXz } from './xz.ts';

/** Larger content is refused: what is unpacked here is held in memory as a whole. */
const defaultLimit = 256 << 20;

/**
 * Content of a small file, unpacked where it is packed by gzip or xz. With `enough` it may end behind so many bytes.
 * Errors: ARCHIVE_DAMAGED, ARCHIVE_TOO_LARGE, ARCHIVE_UNSUPPORTED.
 */
export function unpackSmall(
  source: ByteSource,
  { limit = defaultLimit, enough = Number.POSITIVE_INFINITY } = {},
): Uint8Array {
  const head = read(source, Math.min(8, source.size));
  if (isXz(head)) return unpackXz(read(source, checked(source.size, limit)), limit, enough);
  if (head[0] === 0x1f && head[1] === 0x8b) return unpackGzip(source, limit, enough);
  return read(source, Math.min(checked(source.size, limit), enough));
}

function checked(size: number, limit: number): number {
  if (size <= limit) return size;
  throw tooLarge(limit);
}

const tooLarge = (limit: number) =>
  new DebuggerError('ARCHIVE_TOO_LARGE', `the file has more than ${limit} bytes`);

function read(source: ByteSource, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  return bytes.subarray(0, source.readInto(0, bytes));
}

function unpackGzip(source: ByteSource, limit: number, enough: number): Uint8Array {
  let all = new Uint8Array(1 << 20);
  let length = 0;
  for (const piece of walkGzip(source)) {
    if (length + piece.length > limit) throw tooLarge(limit);
    if (length + piece.length > all.length) {
      const larger = new Uint8Array(Math.max(all.length * 2, length + piece.length));
      larger.set(all.subarray(0, length));
      all = larger;
    }
    all.set(piece, length);
    length += piece.length;
    if (length >= enough) break;
  }
  return all.subarray(0, length);
}
