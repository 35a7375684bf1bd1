import { DebuggerError, readU16, readU32, readU64AsNumber } from '../base/index.ts';
import { BlockCache, type ByteSource } from '../io/index.ts';
import { decodeZipEntry, type ZipEntry } from './zip-entry.ts';

/** Records of a zip archive, by their signatures (PKWARE APPNOTE.TXT 6.3, 4.3). */
const localHeader = 0x04034b50;
const directoryHeader = 0x02014b50;
const endRecord = 0x06054b50;
const endRecord64 = 0x06064b50;
const endLocator64 = 0x07064b50;
const splitMarker = 0x08074b50;

const localHeaderSize = 30;
const directoryHeaderSize = 46;
const endRecordSize = 22;
const endRecord64Size = 56;
const endLocator64Size = 20;
/** The end record with the longest comment. */
const longestEnd = endRecordSize + 0xffff;

interface Extent {
  readonly offset: number;
  readonly size: number;
  readonly count: number;
  /** Number of the part that holds the end record: 0 in an archive of one file. */
  readonly part: number;
}

export const damagedZip = (what: string): DebuggerError =>
  new DebuggerError('ARCHIVE_DAMAGED', `the zip archive is damaged: ${what}`);

const splitZip = () =>
  new DebuggerError('ARCHIVE_UNSUPPORTED', 'the file is one part of a zip archive that was split');

/** The central directory of a zip archive. Errors: ARCHIVE_DAMAGED, ARCHIVE_UNSUPPORTED. */
export class ZipDirectory {
  readonly #bytes: BlockCache;
  readonly #extent: Extent;

  /** Finds the directory, from the end of the file. */
  constructor(source: ByteSource) {
    this.#bytes = new BlockCache(source, { capacity: 1 << 20 });
    if (this.#bytes.readU32(0) === splitMarker) throw splitZip();
    this.#extent = this.#findExtent();
  }

  /** The files in the directory's order. A directory that breaks off ends with ARCHIVE_DAMAGED. */
  *walkEntries(): Generator<ZipEntry> {
    const end = this.#extent.offset + this.#extent.size;
    let walked = 0;
    for (let at = this.#extent.offset; at + directoryHeaderSize <= end; walked++) {
      const fixed = this.#bytes.read(at, directoryHeaderSize);
      if (fixed.length < directoryHeaderSize || readU32(fixed, 0) !== directoryHeader) break;
      const nameEnd = readU16(fixed, 28);
      const extraEnd = nameEnd + readU16(fixed, 30);
      const rest = this.#bytes.read(at + directoryHeaderSize, extraEnd);
      if (rest.length < extraEnd) break;
      yield decodeZipEntry(fixed, rest.subarray(0, nameEnd), rest.subarray(nameEnd));
      at += directoryHeaderSize + extraEnd + readU16(fixed, 32);
    }
    // Without zip64 the count is kept modulo 65536.
    if (walked % 0x1_0000 !== this.#extent.count % 0x1_0000) throw damagedZip('its directory breaks off');
  }

  /** Where a file's data begins; all of it lies before the directory. */
  findData(entry: ZipEntry): number {
    const header = this.#bytes.read(entry.offset, localHeaderSize);
    if (header.length < localHeaderSize || readU32(header, 0) !== localHeader) {
      throw damagedZip(`${entry.name} is not where its directory says`);
    }
    const data = entry.offset + localHeaderSize + readU16(header, 26) + readU16(header, 28);
    if (data + entry.packedSize > this.#extent.offset)
      throw damagedZip(`${entry.name} runs over its directory`);
    return data;
  }

  /** The end record is the last thing in the file but for a comment, which may hold anything. */
  #findExtent(): Extent {
    const { size } = this.#bytes;
    const tail = this.#bytes.read(Math.max(0, size - longestEnd), longestEnd);
    const tailOffset = size - tail.length;
    let isSplit = false;
    for (let at = tail.length - endRecordSize; at >= 0; at--) {
      if (readU32(tail, at) !== endRecord) continue;
      if (at + endRecordSize + readU16(tail, at + 20) > tail.length) continue;
      const extent = this.#readExtent64(tailOffset + at) ?? decodeExtent(tail.subarray(at));
      if (extent.part !== 0) isSplit = true;
      else if (extent.offset + extent.size <= tailOffset + at) return extent;
    }
    throw isSplit
      ? splitZip()
      : damagedZip('its directory is missing; the copy is incomplete, or one part of several');
  }

  /** The zip64 end record of the end record at `end`, through the locator between them. */
  #readExtent64(end: number): Extent | undefined {
    const locator = this.#bytes.read(end - endLocator64Size, endLocator64Size);
    if (locator.length < endLocator64Size || readU32(locator, 0) !== endLocator64) return undefined;
    const record = this.#bytes.read(readU64AsNumber(locator, 8), endRecord64Size);
    if (record.length < endRecord64Size || readU32(record, 0) !== endRecord64) return undefined;
    return {
      part: readU32(record, 16),
      count: readU64AsNumber(record, 32),
      size: readU64AsNumber(record, 40),
      offset: readU64AsNumber(record, 48),
    };
  }
}

const decodeExtent = (record: Uint8Array): Extent => ({
  part: readU16(record, 4),
  count: readU16(record, 10),
  size: readU32(record, 12),
  offset: readU32(record, 16),
});
