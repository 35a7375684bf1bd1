import { Fault, guidDigits, latin1z, padHex, readU32 } from '../base/index.ts';
import { IMAGE_DEBUG_DIRECTORY, StructView } from '../layouts/index.ts';
import { DirectoryIndex, readDirectory } from './headers.ts';
import { ImageProblem, type ImageReader } from './image-reader.ts';

/** Which PDB file belongs to an image. */
export interface CodeViewRecord {
  /** `RSDS`: a PDB 7.0 file, by GUID; `NB10`: a PDB 2.0 file, by time stamp. */
  readonly format: 'RSDS' | 'NB10';
  /** RSDS: 32 upper-case digits as a symbol store writes them; NB10: the time stamp in eight digits. */
  readonly guid: string;
  readonly age: number;
  /** Path as the linker wrote it. */
  readonly pdbPath: string;
  /** File name of the path. */
  readonly pdbName: string;
}

/** An entry of an image's debug directory (IMAGE_DEBUG_DIRECTORY). */
export interface DebugEntry {
  /** IMAGE_DEBUG_TYPE_*: 2 CodeView, 16 reproducible build. */
  readonly type: number;
  readonly size: number;
  /** RVA of the data; 0 when it is not mapped. */
  readonly rva: number;
  /** Offset of the data in the file. */
  readonly fileOffset: number;
}

/** The debug directory of an image, and what its entries say. */
export interface DebugDirectory {
  readonly codeView: CodeViewRecord | undefined;
  /** The image's time stamp is a hash of its content, not a time. */
  readonly timestampIsHash: boolean;
  readonly entries: readonly DebugEntry[];
  /** Entries, or the CodeView record that one names, are not in the dump. */
  readonly partial: boolean;
}

const typeCodeView = 2;
const typeRepro = 16;
const maxEntries = 64;
const maxPath = 0x1000;

/** The debug directory of an image. What of it is missing shows in `partial`. */
export function readDebugDirectory(image: ImageReader): DebugDirectory | ImageProblem {
  const directory = readDirectory(image, DirectoryIndex.Debug);
  if (directory instanceof ImageProblem) return directory;
  const { size } = IMAGE_DEBUG_DIRECTORY;
  const count = Math.min(Math.floor(directory.size / size), maxEntries);
  const bytes = image.tryReadRva(directory.rva, count * size);
  const got = bytes instanceof Fault ? bytes.got : bytes;
  if (bytes instanceof Fault && got.length < size) return ImageProblem.absent('the debug directory', bytes);
  const entries = Array.from({ length: Math.floor(got.length / size) }, (_, index) =>
    decodeEntry(got, index * size),
  );
  const named = entries.filter(({ type }) => type === typeCodeView);
  const codeView = firstCodeView(image, named);
  return {
    codeView,
    timestampIsHash: entries.some(({ type }) => type === typeRepro),
    entries,
    partial: entries.length < count || (named.length > 0 && codeView === undefined),
  };
}

function decodeEntry(bytes: Uint8Array, at: number): DebugEntry {
  const view = new StructView(IMAGE_DEBUG_DIRECTORY, bytes, at);
  return {
    type: view.get('Type'),
    size: view.get('SizeOfData'),
    rva: view.get('AddressOfRawData'),
    fileOffset: view.get('PointerToRawData'),
  };
}

function firstCodeView(image: ImageReader, entries: readonly DebugEntry[]): CodeViewRecord | undefined {
  for (const { rva, size } of entries) {
    const bytes = rva === 0 ? undefined : image.tryReadRva(rva, Math.min(size, maxPath));
    const record = bytes === undefined || bytes instanceof Fault ? undefined : decodeCodeView(bytes);
    if (record !== undefined) return record;
  }
  return undefined;
}

/** An RSDS or NB10 record; undefined for any other bytes. */
export function decodeCodeView(bytes: Uint8Array): CodeViewRecord | undefined {
  const signature = bytes.length < 16 ? '' : latin1z(bytes.subarray(0, 4));
  if (signature === 'RSDS' && bytes.length > 24) {
    return namedRecord('RSDS', guidDigits(bytes.subarray(4, 20)), readU32(bytes, 20), bytes.subarray(24));
  }
  if (signature !== 'NB10' || bytes.length <= 16) return undefined;
  return namedRecord(
    'NB10',
    padHex(readU32(bytes, 8), 8).toUpperCase(),
    readU32(bytes, 12),
    bytes.subarray(16),
  );
}

function namedRecord(
  format: CodeViewRecord['format'],
  guid: string,
  age: number,
  name: Uint8Array,
): CodeViewRecord {
  const pdbPath = latin1z(name);
  const pdbName = pdbPath.slice(Math.max(pdbPath.lastIndexOf('\\'), pdbPath.lastIndexOf('/')) + 1);
  return { format, guid, age, pdbPath, pdbName };
}
