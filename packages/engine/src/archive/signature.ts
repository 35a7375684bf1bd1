import { DebuggerError, latin1 } from '../base/index.ts';

/** Archives that are opened. */
export type ArchiveKind = 'gz' | 'zip' | '7z';

/** Bytes of a file that tell what it is; a tar archive's mark stands 257 bytes in. */
export const headSize = 512;

const archives: readonly [signature: string, kind: ArchiveKind][] = [
  ['\x1f\x8b', 'gz'], // RFC 1952
  ['PK\x03\x04', 'zip'], // APPNOTE.TXT 4.3.7: a local file header
  ['PK\x05\x06', 'zip'], // 4.3.16: the end record of an empty archive
  ['PK\x07\x08', 'zip'], // 8.5.3: first part of a split archive
  ['7z\xbc\xaf\x27\x1c', '7z'],
];

/** Archives that users have dumps in and that are not opened here. */
const otherArchives: readonly [signature: string, name: string][] = [
  ['Rar!\x1a\x07', 'a RAR archive'],
  ['\xfd7zXZ\0', 'an xz file'],
  ['BZh', 'a bzip2 file'],
  ['\x28\xb5\x2f\xfd', 'a Zstandard file'],
  ['MSCF\0\0\0\0', 'a cabinet file'],
];

const startsWith =
  (text: string) =>
  ([signature]: readonly [string, ...unknown[]]) =>
    text.startsWith(signature);

/** The kind of archive that begins with these bytes (8 are enough); undefined where it is none that is opened here. */
export function detectArchive(firstBytes: Uint8Array): ArchiveKind | undefined {
  const text = latin1(firstBytes.subarray(0, 8));
  return archives.find(startsWith(text))?.[1];
}

/** Throws ARCHIVE_UNSUPPORTED for a file that is an archive of a kind known by name only. */
export function rejectOtherArchive(head: Uint8Array): void {
  const name = nameOtherArchive(head);
  if (name === undefined || detectDump(head) !== undefined) return;
  throw new DebuggerError('ARCHIVE_UNSUPPORTED', `the file is ${name}; gz, zip and 7z archives are opened`);
}

/** Does a kernel dump (PAGEDUMP, PAGEDU64) or a user-mode minidump (MDMP) begin with these bytes? */
export function detectDump(firstBytes: Uint8Array): 'kernel' | 'user' | undefined {
  const text = latin1(firstBytes.subarray(0, 8));
  if (text === 'PAGEDUMP' || text === 'PAGEDU64') return 'kernel';
  return text.startsWith('MDMP') ? 'user' : undefined;
}

/** What a file with this head is, where it is another archive: "a zip archive". */
export function describeArchive(head: Uint8Array): string | undefined {
  const kind = detectArchive(head);
  return kind === undefined ? nameOtherArchive(head) : `a ${kind} archive`;
}

function nameOtherArchive(head: Uint8Array): string | undefined {
  const text = latin1(head.subarray(0, headSize));
  // POSIX ustar format, and GNU tar's: the magic of the first file's header.
  return text.startsWith('ustar', 257) ? 'a tar archive' : otherArchives.find(startsWith(text))?.[1];
}
