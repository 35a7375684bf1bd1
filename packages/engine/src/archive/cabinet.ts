import { DebuggerError, latin1, readU16, readU32 } from '../base/index.ts';
import { BufferSource, type ByteSource } from '../io/index.ts';
import { damagedData } from './damage.ts';
import { Libarchive } from './libarchive.ts';
import { Pace } from './pace.ts';
import type { UnpackOptions } from './unpack-options.ts';

/** What unpacking a cabinet may use, and how much it may give. */
export interface CabinetOptions extends Pick<UnpackOptions, 'onProgress' | 'signal' | 'loadWasm'> {
  /** Bytes that the unpacked file may have. */
  readonly limit?: number;
}

/** A file out of a cabinet. */
export interface UnpackedFile {
  readonly name: string;
  readonly source: ByteSource;
}

/** Larger than any program database that was ever published. */
const defaultLimit = 1 << 30;
const headerSize = 0x24;
const fileHeaderSize = 0x10;
/** The cabinet is a part of a set. */
const hasNeighbours = 3;

/** Does a cabinet (.cab, or .pd_, .dl_, .sy_ of a symbol store) begin with these bytes? */
export const isCabinet = (firstBytes: Uint8Array): boolean =>
  latin1(firstBytes.subarray(0, 8)) === 'MSCF\0\0\0\0';

/**
 * The one file in a cabinet, as symbol stores keep files: stored, MSZIP, LZX or Quantum data as libarchive unpacks them.
 * Errors: ARCHIVE_DAMAGED, ARCHIVE_TOO_LARGE, ARCHIVE_UNSUPPORTED for cabinets of several files or parts, INTERRUPTED.
 */
export async function unpackCabinet(source: ByteSource, options: CabinetOptions = {}): Promise<UnpackedFile> {
  const size = checkHeader(source);
  const limit = options.limit ?? defaultLimit;
  if (size > limit || source.size > limit) throw tooLarge(Math.max(size, source.size), limit);
  const pace = new Pace(options);
  const archive = await Libarchive.open(source, pace, options.loadWasm);
  const entry = archive.nextEntry();
  if (entry === undefined) throw damagedData('the cabinet is empty');
  const bytes = await readFile(archive, size, pace);
  return { name: entry.name, source: new BufferSource(bytes) };
}

/** Pieces are kept as they come: the size that the cabinet tells is believed only when they are all there. */
async function readFile(archive: Libarchive, size: number, pace: Pace): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let total = 0;
  for (let piece = archive.readPiece(); piece.length > 0; piece = archive.readPiece()) {
    pieces.push(piece.slice());
    total += piece.length;
    if (total > size) break;
    await pace.step(total, size);
  }
  if (total !== size) throw damagedData('the file in the cabinet has another size than the cabinet says');
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** Size of the only file. Source: Microsoft Cabinet Format, CFHEADER and CFFILE. */
function checkHeader(source: ByteSource): number {
  const header = new Uint8Array(headerSize);
  if (source.readInto(0, header) < headerSize || !isCabinet(header)) throw damagedData('it is no cabinet');
  if (readU32(header, 8) > source.size) throw damagedData('the cabinet is cut off');
  if (readU16(header, 0x1c) !== 1 || (readU16(header, 0x1e) & hasNeighbours) !== 0)
    throw new DebuggerError('ARCHIVE_UNSUPPORTED', 'the cabinet holds several files, or parts of them');
  const file = new Uint8Array(fileHeaderSize);
  if (source.readInto(readU32(header, 0x10), file) < fileHeaderSize)
    throw damagedData('the cabinet is cut off');
  return readU32(file, 0);
}

const tooLarge = (size: number, limit: number) =>
  new DebuggerError(
    'ARCHIVE_TOO_LARGE',
    `the file in the cabinet takes ${size} bytes; up to ${limit} are unpacked`,
  );
