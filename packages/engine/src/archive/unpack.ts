import { DebuggerError } from '../base/index.ts';
import type { ByteSource } from '../io/index.ts';
import { Pace } from './pace.ts';
import type { PackedDump } from './packed-dump.ts';
import { type ArchiveKind, detectArchive, headSize, rejectOtherArchive } from './signature.ts';
import type { UnpackOptions } from './unpack-options.ts';

/** A dump, as it is or out of an archive. */
export interface UnpackedDump {
  readonly source: ByteSource;
  /** Absent where the file was no archive. */
  readonly archive?: ArchiveKind;
  /** The dump's name in the archive, printable; absent where it has none. */
  readonly entry?: string;
}

/**
 * The dump inside the archive, or `source` itself when it is no archive. An archive holds one kernel dump, which is
 * known by its first bytes; other files in it are passed over, and archives in it are not opened in turn.
 * Errors: ARCHIVE_NO_DUMP, ARCHIVE_MANY_DUMPS, ARCHIVE_DAMAGED, ARCHIVE_TOO_LARGE, ARCHIVE_UNSUPPORTED, INTERRUPTED, and
 * DUMP_USER_MINIDUMP where that is all there is. After an error the sink has been discarded.
 */
export async function unpackDump(source: ByteSource, options: UnpackOptions): Promise<UnpackedDump> {
  const bytes = new Uint8Array(headSize);
  const head = bytes.subarray(0, source.readInto(0, bytes));
  const archive = detectArchive(head);
  if (archive === undefined) {
    rejectOtherArchive(head);
    return { source };
  }
  const dump = await openArchive(archive, source, options);
  const unpacked = await pour(dump, options);
  return { source: unpacked, archive, ...(dump.name === '' ? {} : { entry: dump.name }) };
}

/**
 * Every kernel dump of the archive, one after the other, or `source` itself when it is no archive. What one holds ends when the
 * next is asked for: `makeSink` is called for each. One that is damaged does not stop the others: its error comes at the end.
 * Errors: those of `unpackDump` but ARCHIVE_MANY_DUMPS.
 */
export async function* unpackDumps(source: ByteSource, options: UnpackOptions): AsyncGenerator<UnpackedDump> {
  const bytes = new Uint8Array(headSize);
  const archive = detectArchive(bytes.subarray(0, source.readInto(0, bytes)));
  if (archive === undefined || archive === 'gz') {
    yield await unpackDump(source, options);
    return;
  }
  let count = 0;
  let problem: DebuggerError | undefined;
  for await (const dump of walkDumps(archive, source, options)) {
    count++;
    try {
      yield { source: await pour(dump, options), archive, ...(dump.name === '' ? {} : { entry: dump.name }) };
    } catch (error) {
      if (!(error instanceof DebuggerError) || error.code === 'INTERRUPTED') throw error;
      problem ??= error;
    }
  }
  if (problem !== undefined) throw problem;
  // Says why there is none.
  if (count === 0) yield await unpackDump(source, options);
}

/** The readers of archives are loaded where a file is one: most are none. */
const readers = {
  gz: () => import('./gzip.ts'),
  zip: () => import('./zip.ts'),
  sevenZip: () => import('./seven-zip.ts'),
};

async function* walkDumps(
  kind: 'zip' | '7z',
  source: ByteSource,
  options: UnpackOptions,
): AsyncGenerator<PackedDump> {
  const pace = new Pace(options);
  if (kind === 'zip') yield* (await readers.zip()).walkZipDumps(source, pace);
  else yield* (await readers.sevenZip()).walkSevenZipDumps(source, pace, options.loadWasm);
}

async function openArchive(
  kind: ArchiveKind,
  source: ByteSource,
  options: UnpackOptions,
): Promise<PackedDump> {
  const pace = new Pace(options);
  if (kind === 'gz') return (await readers.gz()).openGzip(source, pace);
  if (kind === 'zip') return (await readers.zip()).openZip(source, pace);
  return (await readers.sevenZip()).openSevenZip(source, pace, options.loadWasm);
}

async function pour(dump: PackedDump, options: UnpackOptions): Promise<ByteSource> {
  const sink = options.makeSink({ name: dump.name, size: dump.size });
  try {
    for await (const piece of dump.pieces) sink.write(piece);
    return sink.finish();
  } catch (error) {
    sink.discard();
    throw error;
  }
}
