import { DebuggerError, readU16, readU32 } from '../base/index.ts';
import type { ByteSource } from '../io/index.ts';
import { Crc32 } from './crc32.ts';
import { truncatedData } from './damage.ts';
import { noDump, userMinidump } from './dump-choice.ts';
import { printableName } from './entry-name.ts';
import { Inflater } from './inflate.ts';
import type { Pace } from './pace.ts';
import type { PackedDump } from './packed-dump.ts';
import { SequentialReader } from './sequential-reader.ts';
import { describeArchive, detectDump, headSize } from './signature.ts';

/** Flags of a member (RFC 1952, 2.3.1). */
const hasHeaderCrc = 0x02;
const hasExtra = 0x04;
const hasName = 0x08;
const hasComment = 0x10;
const reservedFlags = 0xe0;

const longestName = 255;

const damaged = (what: string) => new DebuggerError('ARCHIVE_DAMAGED', `the gzip file is damaged: ${what}`);

/** The dump in a gzip file of one or more members. Decides by the first half kilobyte of its content. */
export async function openGzip(source: ByteSource, pace: Pace): Promise<PackedDump> {
  const reader = new SequentialReader(source);
  reader.seek(0, source.size);
  const name = readMemberHeader(reader);
  const unpacked = inflateMembers(reader);
  const head = await takeHead(unpacked, () => pace.step(reader.position, source.size));
  rejectOtherContent(head);
  return { name, size: undefined, pieces: followHead() };

  async function* followHead(): AsyncGenerator<Uint8Array> {
    yield head;
    for (const piece of unpacked) {
      yield piece;
      await pace.step(reader.position, source.size);
    }
  }
}

function rejectOtherContent(head: Uint8Array): void {
  const dump = detectDump(head);
  if (dump === 'kernel') return;
  if (dump === 'user') throw userMinidump();
  if (head.length === 0) throw noDump('it is empty');
  const inner = describeArchive(head);
  throw noDump(
    inner === undefined ? 'its content begins differently' : `in it is ${inner}, which is not opened in turn`,
  );
}

/** At least `headSize` bytes, copied; fewer only where there are no more. */
async function takeHead(pieces: Generator<Uint8Array>, step: () => Promise<void>): Promise<Uint8Array> {
  let head = new Uint8Array(0);
  while (head.length < headSize) {
    const next = pieces.next();
    if (next.done === true) break;
    const longer = new Uint8Array(head.length + next.value.length);
    longer.set(head);
    longer.set(next.value, head.length);
    head = longer;
    await step();
  }
  return head;
}

/** The content of a gzip file in pieces, each valid until the next is asked for. Throws ARCHIVE_DAMAGED. */
export function* walkGzip(source: ByteSource): Generator<Uint8Array> {
  const reader = new SequentialReader(source);
  reader.seek(0, source.size);
  readMemberHeader(reader);
  yield* inflateMembers(reader);
}

/** The content of all members, from behind the first one's header. An empty piece ends each member. */
function* inflateMembers(reader: SequentialReader): Generator<Uint8Array> {
  const inflater = new Inflater(reader);
  for (;;) {
    yield* inflateMember(reader, inflater);
    if (atEnd(reader)) return;
    readMemberHeader(reader);
  }
}

function* inflateMember(reader: SequentialReader, inflater: Inflater): Generator<Uint8Array> {
  const crc = new Crc32();
  let size = 0;
  inflater.start('deflate');
  for (let piece = inflater.next(headSize); piece !== undefined; piece = inflater.next()) {
    crc.add(piece);
    size += piece.length;
    yield piece;
  }
  const trailer = reader.readBytes(8);
  if (trailer.length < 8) throw truncatedData();
  if (readU32(trailer, 0) !== crc.value) throw damaged('its CRC-32 does not match its content');
  if (readU32(trailer, 4) !== size % 0x1_0000_0000) throw damaged('its size does not match its content');
  yield new Uint8Array(0);
}

/** True where nothing but zeros follows, which tapes and block devices fill files up with. */
function atEnd(reader: SequentialReader): boolean {
  const first = reader.readByte();
  if (first > 0) {
    reader.unread(1);
    return false;
  }
  for (let rest = reader.readPiece(headSize); rest.length > 0; rest = reader.readPiece(headSize)) {
    if (rest.some((byte) => byte !== 0)) throw damaged('something else follows its content');
  }
  return true;
}

/** Reads a member's header (RFC 1952, 2.3) and returns the file name in it. */
function readMemberHeader(reader: SequentialReader): string {
  const signature = readField(reader, 2);
  if (signature[0] !== 0x1f || signature[1] !== 0x8b) throw damaged('something else follows its content');
  const fixed = readField(reader, 8);
  const method = fixed[0]!;
  const flags = fixed[1]!;
  if (method !== 8) throw unsupportedMethod(method);
  if ((flags & reservedFlags) !== 0) throw damaged('reserved flags are set');
  if ((flags & hasExtra) !== 0) readField(reader, readU16(readField(reader, 2), 0));
  const name = (flags & hasName) !== 0 ? readText(reader) : '';
  if ((flags & hasComment) !== 0) readText(reader);
  if ((flags & hasHeaderCrc) !== 0) readField(reader, 2);
  return printableName(name);
}

const unsupportedMethod = (method: number) =>
  new DebuggerError(
    'ARCHIVE_UNSUPPORTED',
    `the gzip file is packed with method ${method}; gzip defines only 8, deflate`,
  );

function readField(reader: SequentialReader, length: number): Uint8Array {
  const bytes = reader.readBytes(length);
  if (bytes.length < length) throw truncatedData();
  return bytes;
}

/** Latin-1 text up to its NUL; of a longer one the beginning. */
function readText(reader: SequentialReader): string {
  let text = '';
  for (;;) {
    const byte = reader.readByte();
    if (byte < 0) throw truncatedData();
    if (byte === 0) return text;
    if (text.length < longestName) text += String.fromCharCode(byte);
  }
}
