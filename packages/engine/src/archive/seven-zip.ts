import { DebuggerError, readU32, readU64AsNumber } from '../base/index.ts';
import type { ByteSource } from '../io/index.ts';
import { Crc32 } from './crc32.ts';
import { DumpChoice } from './dump-choice.ts';
import { Libarchive } from './libarchive.ts';
import type { Pace } from './pace.ts';
import type { PackedDump } from './packed-dump.ts';
import { headSize } from './signature.ts';

/** The archive has to be in memory, which ends at 2 GB; the decoder's dictionary may take the other half. */
const largestArchive = 1 << 30;
const signatureHeaderSize = 32;

interface FoundDump {
  readonly name: string;
  /** Its first bytes, copied. */
  readonly head: Uint8Array;
}

/** The one kernel dump among the files of a 7z archive. */
export async function openSevenZip(
  source: ByteSource,
  pace: Pace,
  loadWasm?: () => Promise<Uint8Array>,
): Promise<PackedDump> {
  if (source.size > largestArchive) throw tooLarge(source.size);
  checkSignatureHeader(source);
  const files = new SevenZipFiles(await Libarchive.open(source, pace, loadWasm), pace);
  const { name, head } = await files.findDump();
  return { name, size: undefined, pieces: files.unpack(head) };
}

/** Every kernel dump among the files of a 7z archive: one is skipped when the next is asked for. */
export async function* walkSevenZipDumps(
  source: ByteSource,
  pace: Pace,
  loadWasm?: () => Promise<Uint8Array>,
): AsyncGenerator<PackedDump> {
  if (source.size > largestArchive) throw tooLarge(source.size);
  checkSignatureHeader(source);
  const files = new SevenZipFiles(await Libarchive.open(source, pace, loadWasm), pace);
  for await (const { name, head } of files.dumps) {
    yield { name, size: undefined, pieces: files.unpackOne(head) };
  }
}

/**
 * The files of a 7z archive, which are packed as one stream: they are unpacked in turn and only once. What follows
 * the dump is therefore looked at after the dump's bytes were given out.
 */
class SevenZipFiles {
  readonly #archive: Libarchive;
  readonly #pace: Pace;
  readonly #choice = new DumpChoice<FoundDump>();
  /** Stands behind the first bytes of each kernel dump. */
  readonly dumps: AsyncGenerator<FoundDump>;
  #unpacked = 0;

  constructor(archive: Libarchive, pace: Pace) {
    this.#archive = archive;
    this.#pace = pace;
    this.dumps = this.#walkDumps();
  }

  /** Goes to the first kernel dump. Errors: those of `DumpChoice.take`. */
  async findDump(): Promise<FoundDump> {
    await this.dumps.next();
    return this.#choice.take();
  }

  /** The bytes of the dump that was found; afterwards ARCHIVE_MANY_DUMPS where another one follows. */
  async *unpack(head: Uint8Array): AsyncGenerator<Uint8Array> {
    yield* this.unpackOne(head);
    let next = await this.dumps.next();
    while (next.done !== true) next = await this.dumps.next();
    this.#choice.take();
  }

  /** The bytes of the dump that `dumps` stands at. */
  async *unpackOne(head: Uint8Array): AsyncGenerator<Uint8Array> {
    yield head;
    for (let piece = this.#archive.readPiece(); piece.length > 0; piece = this.#archive.readPiece()) {
      yield piece;
      await this.#step(piece.length);
    }
  }

  /** Stops at each kernel dump behind its first bytes; what is left of it then is skipped. */
  async *#walkDumps(): AsyncGenerator<FoundDump> {
    for (let entry = this.#nextEntry(); entry !== undefined; entry = this.#nextEntry()) {
      if (!entry.isFile) continue;
      const file = { name: entry.name, head: this.#readPiece(headSize).slice() };
      if (this.#choice.add(file.name, file.head, file)) yield file;
      for (let piece = this.#readPiece(); piece.length > 0; piece = this.#readPiece()) {
        await this.#step(piece.length);
      }
    }
  }

  #nextEntry(): { readonly name: string; readonly isFile: boolean } | undefined {
    return this.#attempt(() => this.#archive.nextEntry());
  }

  /** Of a file that may be anything: it ends where it cannot be read. */
  #readPiece(limit?: number): Uint8Array {
    return this.#attempt(() => this.#archive.readPiece(limit)) ?? new Uint8Array(0);
  }

  #attempt<Result>(read: () => Result): Result | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof DebuggerError)) throw error;
      this.#choice.addUnreadable(error);
      return undefined;
    }
  }

  /** 7z does not tell how far in the archive it is: progress is in unpacked bytes, of an unknown number. */
  async #step(bytes: number): Promise<void> {
    this.#unpacked += bytes;
    await this.#pace.step(this.#unpacked, 0);
  }
}

/**
 * Checks the 32 bytes that an archive begins with: signature and version, CRC-32 of the rest, and where at the end the
 * list of files is: offset behind these bytes (u64), size (u64), CRC-32. Source: 7zFormat.txt of the LZMA SDK.
 * libarchive would take an archive that is cut off here for an empty one.
 */
function checkSignatureHeader(source: ByteSource): void {
  const header = new Uint8Array(signatureHeaderSize);
  if (source.readInto(0, header) < signatureHeaderSize) throw damaged('it is cut off');
  const crc = new Crc32();
  crc.add(header.subarray(12));
  if (crc.value !== readU32(header, 8)) throw damaged('the CRC-32 of its header does not match');
  const end = signatureHeaderSize + readU64AsNumber(header, 12) + readU64AsNumber(header, 20);
  if (end > source.size) throw damaged('it is cut off');
}

const damaged = (what: string) => new DebuggerError('ARCHIVE_DAMAGED', `the 7z archive is damaged: ${what}`);

const tooLarge = (size: number) =>
  new DebuggerError(
    'ARCHIVE_TOO_LARGE',
    `the 7z archive has ${size} bytes; up to ${largestArchive} are opened`,
  );
