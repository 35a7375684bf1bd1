import { DebuggerError } from '../base/index.ts';
import type { ByteSource } from '../io/index.ts';
import { Crc32 } from './crc32.ts';
import type { DeflateKind } from './deflate-codes.ts';
import { DumpChoice } from './dump-choice.ts';
import { Inflater } from './inflate.ts';
import type { Pace } from './pace.ts';
import type { PackedDump } from './packed-dump.ts';
import { SequentialReader } from './sequential-reader.ts';
import { headSize } from './signature.ts';
import { damagedZip, ZipDirectory } from './zip-directory.ts';
import type { ZipEntry } from './zip-entry.ts';

/** Compression methods (APPNOTE.TXT 4.4.5). Windows Explorer changes from 8 to 9 for files over 2 GB. */
const methods: ReadonlyMap<number, DeflateKind | 'stored'> = new Map([
  [0, 'stored'],
  [8, 'deflate'],
  [9, 'deflate64'],
]);
const otherMethods: ReadonlyMap<number, string> = new Map([
  [1, 'Shrink'],
  [6, 'Implode'],
  [12, 'bzip2'],
  [14, 'LZMA'],
  [93, 'Zstandard'],
  [95, 'xz'],
  [98, 'PPMd'],
]);

/** The one kernel dump among the files of a zip archive. Looks at the first bytes of each. */
export async function openZip(source: ByteSource, pace: Pace): Promise<PackedDump> {
  const directory = new ZipDirectory(source);
  const files = new ZipFiles(source, directory);
  const choice = new DumpChoice<ZipEntry>();
  for (const entry of directory.walkEntries()) {
    await pace.step(0, source.size);
    if (!entry.isDirectory) offer(entry, files, choice);
  }
  const dump = choice.take();
  return { name: dump.name, size: dump.size, pieces: files.unpack(dump, pace) };
}

/** Every kernel dump among the files of a zip archive: one has to be unpacked, if at all, before the next is asked for. */
export async function* walkZipDumps(source: ByteSource, pace: Pace): AsyncGenerator<PackedDump> {
  const directory = new ZipDirectory(source);
  const files = new ZipFiles(source, directory);
  for (const entry of directory.walkEntries()) {
    await pace.step(0, source.size);
    const choice = new DumpChoice<ZipEntry>();
    if (!entry.isDirectory) offer(entry, files, choice);
    if (!choice.isEmpty) yield { name: entry.name, size: entry.size, pieces: files.unpack(entry, pace) };
  }
}

function offer(entry: ZipEntry, files: ZipFiles, choice: DumpChoice<ZipEntry>): void {
  try {
    choice.add(entry.name, files.readHead(entry), entry);
  } catch (error) {
    if (!(error instanceof DebuggerError)) throw error;
    choice.addUnreadable(error);
  }
}

/** Reads the files of a zip archive, one at a time. */
class ZipFiles {
  readonly #directory: ZipDirectory;
  readonly #reader: SequentialReader;
  readonly #inflater: Inflater;

  constructor(source: ByteSource, directory: ZipDirectory) {
    this.#directory = directory;
    this.#reader = new SequentialReader(source);
    this.#inflater = new Inflater(this.#reader);
  }

  /** The first bytes of a file, as a view valid until the next call. */
  readHead(entry: ZipEntry): Uint8Array {
    return this.#open(entry)(headSize) ?? new Uint8Array(0);
  }

  /** A file's bytes; throws ARCHIVE_DAMAGED at the end where size or checksum are not the directory's. */
  async *unpack(entry: ZipEntry, pace: Pace): AsyncGenerator<Uint8Array> {
    const next = this.#open(entry);
    const start = this.#reader.position;
    const crc = new Crc32();
    let size = 0;
    for (let piece = next(); piece !== undefined; piece = next()) {
      size += piece.length;
      if (size > entry.size) break;
      crc.add(piece);
      yield piece;
      await pace.step(this.#reader.position - start, entry.packedSize);
    }
    if (size !== entry.size) throw damagedZip(`${entry.name} has not the size that its directory says`);
    if (crc.value !== entry.crc) throw damagedZip(`the CRC-32 of ${entry.name} does not match its content`);
  }

  /** Goes to a file's data; the result gives its next bytes, a piece a call. */
  #open(entry: ZipEntry): (wanted?: number) => Uint8Array | undefined {
    const method = methods.get(entry.method);
    if (entry.isEncrypted) throw unsupported(entry, 'is encrypted');
    if (method === undefined) throw unsupported(entry, `is packed with ${methodName(entry.method)}`);
    const data = this.#directory.findData(entry);
    this.#reader.seek(data, data + entry.packedSize);
    if (method === 'stored') return (wanted) => this.#nextStored(wanted);
    this.#inflater.start(method);
    return (wanted) => this.#inflater.next(wanted);
  }

  #nextStored(wanted = Number.POSITIVE_INFINITY): Uint8Array | undefined {
    const piece = this.#reader.readPiece(wanted);
    return piece.length === 0 ? undefined : piece;
  }
}

const unsupported = (entry: ZipEntry, what: string) =>
  new DebuggerError('ARCHIVE_UNSUPPORTED', `${entry.name} in the zip archive ${what}`);

const methodName = (method: number): string =>
  `${otherMethods.get(method) ?? 'an unknown method'} (method ${method})`;
