import { latin1, readU32 } from '../base/index.ts';
import type { ByteSource } from '../io/index.ts';
import { MSF_HDR, StructView } from '../layouts/index.ts';
import { MsfStream } from './msf-stream.ts';
import { pdbError } from './pdb-error.ts';

const magic = 'Microsoft C/C++ MSF 7.00\r\n\x1aDS\0\0\0';
const oldMagic = 'Microsoft C/C++ program database 2.00\r\n\x1aJG';
const compressedMagic = 'Microsoft MSFZ Container';
const portableMagic = 'BSJB';
const deleted = 0xffff_ffff;

/**
 * A multi-stream file: pages of equal size, and a directory that says which pages make up which stream. Opening reads
 * the header and the directory only. Layout: docs/formats/pdb.md.
 */
export class MsfFile {
  readonly pageSize: number;
  readonly #source: ByteSource;
  readonly #sizes: readonly number[];
  readonly #pages: readonly Uint32Array[];

  private constructor(source: ByteSource, pageSize: number, directory: Directory) {
    this.#source = source;
    this.pageSize = pageSize;
    this.#sizes = directory.sizes;
    this.#pages = directory.pages;
  }

  /** Throws PDB_UNREADABLE when the file is none, damaged, or cut. */
  static open(source: ByteSource): MsfFile {
    const header = readHeader(source);
    const pageSize = header.get('cbPg');
    const directory = readDirectory(source, header);
    return new MsfFile(source, pageSize, directory);
  }

  /** A stream by its number; undefined when the file has none of it. */
  stream(index: number): MsfStream | undefined {
    const size = this.#sizes[index];
    return size === undefined
      ? undefined
      : new MsfStream(this.#source, this.pageSize, this.#pages[index]!, size);
  }
}

type Header = StructView<typeof MSF_HDR.fields>;

function readHeader(source: ByteSource): Header {
  const bytes = new Uint8Array(MSF_HDR.size);
  const count = source.readInto(0, bytes);
  const text = latin1(bytes);
  if (text.startsWith(oldMagic.slice(0, 30)))
    throw pdbError('this program database is of the format before Visual C++ 7, which is not read');
  if (text.startsWith(compressedMagic))
    throw pdbError('this program database is compressed (MSFZ), which is not read');
  if (text.startsWith(portableMagic))
    throw pdbError('this program database is a portable one, of .NET, which says nothing of machine code');
  if (count < MSF_HDR.size || !text.startsWith(magic)) throw pdbError('this is no program database (PDB)');
  const header = new StructView(MSF_HDR, bytes);
  const pageSize = header.get('cbPg');
  if (pageSize < 512 || pageSize > 0x10000 || (pageSize & (pageSize - 1)) !== 0)
    throw pdbError(`the program database has pages of ${pageSize} bytes`);
  return header;
}

interface Directory {
  readonly sizes: readonly number[];
  readonly pages: readonly Uint32Array[];
}

/** The directory: a count, the sizes of the streams, their pages. Its own pages are listed on the map's. */
function readDirectory(source: ByteSource, header: Header): Directory {
  const pageSize = header.get('cbPg');
  const length = header.get('cbDir');
  const pageCount = Math.min(header.get('pnMac'), Math.ceil(source.size / pageSize));
  if (length > source.size || length < 4)
    throw pdbError('the directory of the program database is cut or damaged');
  const count = Math.ceil(length / pageSize);
  const mapPages = consecutive(header.get('pnMap'), Math.ceil((count * 4) / pageSize));
  const map = new MsfStream(source, pageSize, checked(mapPages, pageCount), count * 4).bytes();
  const pages = checked(words(map), pageCount);
  return cutDirectory(new MsfStream(source, pageSize, pages, length).bytes(), pageSize, pageCount);
}

const consecutive = (first: number, count: number): Uint32Array =>
  Uint32Array.from({ length: count }, (_, index) => first + index);

function words(bytes: Uint8Array): Uint32Array {
  const numbers = new Uint32Array(bytes.length >>> 2);
  for (let index = 0; index < numbers.length; index++) numbers[index] = readU32(bytes, index * 4);
  return numbers;
}

function checked(pages: Uint32Array, pageCount: number): Uint32Array {
  if (pages.some((page) => page >= pageCount))
    throw pdbError('the program database names pages behind its end: it is cut or damaged');
  return pages;
}

function cutDirectory(bytes: Uint8Array, pageSize: number, pageCount: number): Directory {
  const count = readU32(bytes, 0);
  if (count > 0x10000 || 4 + count * 4 > bytes.length) throw pdbError('the directory has too many streams');
  const sizes: number[] = [];
  const pages: Uint32Array[] = [];
  let at = 4 + count * 4;
  let used = 0;
  for (let index = 0; index < count; index++) {
    const raw = readU32(bytes, 4 + index * 4);
    const size = raw === deleted ? 0 : raw;
    const span = Math.ceil(size / pageSize) * 4;
    // Streams share no pages; only the old directory, stream 0, may lie on pages that others have by now.
    used += index === 0 ? 0 : span / 4;
    if (span / 4 > pageCount || used > pageCount) throw pdbError('the streams are larger than the file');
    if (at + span > bytes.length) throw pdbError('the directory is shorter than its streams need');
    sizes.push(size);
    pages.push(checked(words(bytes.subarray(at, at + span)), pageCount));
    at += span;
  }
  return { sizes, pages };
}
