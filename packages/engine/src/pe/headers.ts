import { Fault, latin1z, readU16, readU32 } from '../base/index.ts';
import {
  IMAGE_DATA_DIRECTORY,
  IMAGE_DOS_HEADER,
  IMAGE_FILE_HEADER,
  IMAGE_OPTIONAL_HEADER32,
  IMAGE_OPTIONAL_HEADER64,
  IMAGE_SECTION_HEADER,
  StructView,
} from '../layouts/index.ts';
import { decodeHeaderDetails, type HeaderDetails } from './header-details.ts';
import { ImageProblem, type ImageReader } from './image-reader.ts';

/** A section of an image, by RVA. */
export interface ImageSection {
  readonly name: string;
  readonly rva: number;
  /** Bytes in memory. */
  readonly size: number;
  /** Bytes in the file and where they start; for file layouts. */
  readonly rawSize: number;
  readonly rawOffset: number;
  /** IMAGE_SCN_* flags. */
  readonly characteristics: number;
  readonly executable: boolean;
  readonly writable: boolean;
  /** The system may drop the section's memory after initialisation. */
  readonly discardable: boolean;
  /** Of object files; zeros in images. */
  readonly relocationsOffset: number;
  readonly relocationCount: number;
  readonly lineNumbersOffset: number;
  readonly lineNumberCount: number;
}

/** Where a table of an image lies: its place relative to the image's base, and its bytes. */
export interface DataDirectory {
  readonly rva: number;
  readonly size: number;
}

/** Index of a data directory in the optional header. */
export const DirectoryIndex = {
  Export: 0,
  Import: 1,
  Resource: 2,
  Exception: 3,
  BaseRelocation: 5,
  Debug: 6,
  LoadConfiguration: 10,
  ImportAddressTable: 12,
} as const;

/** The headers of a PE32 or PE32+ image. */
export interface ImageHeaders {
  /** IMAGE_FILE_MACHINE_* value. */
  readonly machine: number;
  readonly pointerSize: 4 | 8;
  /** Seconds since 1970, or a hash in reproducible builds (`readDebugDirectory` tells). */
  readonly timeDateStamp: number;
  readonly characteristics: number;
  readonly imageBase: bigint;
  /** RVA; 0 when there is none. */
  readonly entryPoint: number;
  readonly sizeOfImage: number;
  readonly sizeOfHeaders: number;
  readonly checkSum: number;
  readonly subsystem: number;
  readonly directories: readonly DataDirectory[];
  /** In the order of the file; those whose headers can be read. */
  readonly sections: readonly ImageSection[];
  /** Section headers that are not in the dump. */
  readonly missingSections: number;
  /** What only a listing of the headers shows. */
  readonly details: HeaderDetails;
}

const dosSignature = 0x5a4d;
const peSignature = 0x4550;
const maxHeaderOffset = 0x10000;
/** What the loader accepts. */
const maxSections = 96;
const maxDirectories = 16;
const fileHeaderAt = 4;
const optionalHeaderAt = fileHeaderAt + IMAGE_FILE_HEADER.size;

type FileHeader = StructView<typeof IMAGE_FILE_HEADER.fields>;

/** Where the parts of the headers are: all that looking up a data directory needs. */
interface HeaderParts {
  readonly file: FileHeader;
  /** Both kinds have the fields that are read here; only the width of ImageBase differs. */
  readonly optional: StructView<typeof IMAGE_OPTIONAL_HEADER32.fields>;
  /** The data directories, as far as they are there. */
  readonly directories: Uint8Array;
  readonly directoryCount: number;
  readonly sectionsAt: number;
}

const knownParts = new WeakMap<ImageReader, HeaderParts | ImageProblem>();
const known = new WeakMap<ImageReader, ImageHeaders | ImageProblem>();

/** The answer for an image, kept as long as its reader lives. */
function kept<T extends object>(
  answers: WeakMap<ImageReader, T>,
  image: ImageReader,
  make: (image: ImageReader) => T,
): T {
  let answer = answers.get(image);
  if (answer === undefined) {
    answer = make(image);
    answers.set(image, answer);
  }
  return answer;
}

/** Headers of an image; the answer is kept as long as the reader lives. */
export const readImageHeaders = (image: ImageReader): ImageHeaders | ImageProblem =>
  kept(known, image, decodeHeaders);

const notAnImage = (reason: string): ImageProblem => new ImageProblem('not-an-image', reason);

/** Most images have their headers in one piece of this size. */
const firstPiece = 0x400;

function locateHeaders(image: ImageReader): HeaderParts | ImageProblem {
  const first = image.tryReadRva(0, firstPiece);
  const piece = first instanceof Fault ? first.got : first;
  const read = (at: number, size: number) =>
    at + size <= piece.length ? piece.subarray(at, at + size) : image.tryReadRva(at, size);
  const dos = read(0, IMAGE_DOS_HEADER.size);
  if (dos instanceof Fault) return ImageProblem.absent('the image header', dos);
  if (readU16(dos, 0) !== dosSignature) return notAnImage('the image does not start with MZ');
  const at = new StructView(IMAGE_DOS_HEADER, dos).get('e_lfanew');
  if (at > maxHeaderOffset) return notAnImage('the offset of the PE header is not plausible');
  const start = read(at, optionalHeaderAt + 2);
  if (start instanceof Fault) return ImageProblem.absent('the PE header', start);
  if (readU32(start, 0) !== peSignature) return notAnImage('there is no PE signature');
  return locateParts(read, at, new StructView(IMAGE_FILE_HEADER, start, fileHeaderAt));
}

function locateParts(
  read: ImageReader['tryReadRva'],
  at: number,
  file: FileHeader,
): HeaderParts | ImageProblem {
  const magic = readU16(file.bytes, optionalHeaderAt);
  const of =
    magic === 0x20b ? IMAGE_OPTIONAL_HEADER64 : magic === 0x10b ? IMAGE_OPTIONAL_HEADER32 : undefined;
  const size = file.get('SizeOfOptionalHeader');
  const count = file.get('NumberOfSections');
  if (of === undefined || size < of.size) return notAnImage('the optional header is of no known kind');
  if (count > maxSections) return notAnImage(`the image claims ${count} sections`);
  const bytes = read(at + optionalHeaderAt, size);
  const got = bytes instanceof Fault ? bytes.got : bytes;
  if (bytes instanceof Fault && got.length < of.size)
    return ImageProblem.absent('the optional header', bytes);
  const optional = new StructView(of as typeof IMAGE_OPTIONAL_HEADER32, got);
  const directories = got.subarray(of.size);
  const there = Math.floor(directories.length / IMAGE_DATA_DIRECTORY.size);
  return {
    file,
    optional,
    directories,
    directoryCount: Math.min(optional.get('NumberOfRvaAndSizes'), maxDirectories, there),
    sectionsAt: at + optionalHeaderAt + size,
  };
}

function decodeHeaders(image: ImageReader): ImageHeaders | ImageProblem {
  const parts = kept(knownParts, image, locateHeaders);
  if (parts instanceof ImageProblem) return parts;
  const { file, optional } = parts;
  const count = file.get('NumberOfSections');
  const sections = readSections(image, parts.sectionsAt, count);
  return {
    machine: file.get('Machine'),
    pointerSize: optional.get('Magic') === 0x20b ? 8 : 4,
    timeDateStamp: file.get('TimeDateStamp'),
    characteristics: file.get('Characteristics'),
    imageBase: BigInt(optional.get('ImageBase')),
    entryPoint: optional.get('AddressOfEntryPoint'),
    sizeOfImage: optional.get('SizeOfImage'),
    sizeOfHeaders: optional.get('SizeOfHeaders'),
    checkSum: optional.get('CheckSum'),
    subsystem: optional.get('Subsystem'),
    directories: Array.from({ length: parts.directoryCount }, (_, index) => directoryAt(parts, index)),
    sections,
    missingSections: count - sections.length,
    details: decodeHeaderDetails(file, optional),
  };
}

function directoryAt({ directories }: HeaderParts, index: number): DataDirectory {
  const view = new StructView(IMAGE_DATA_DIRECTORY, directories, index * IMAGE_DATA_DIRECTORY.size);
  return { rva: view.get('VirtualAddress'), size: view.get('Size') };
}

function readSections(image: ImageReader, at: number, count: number): ImageSection[] {
  const { size } = IMAGE_SECTION_HEADER;
  const bytes = image.tryReadRva(at, count * size);
  const got = bytes instanceof Fault ? bytes.got : bytes;
  return Array.from({ length: Math.floor(got.length / size) }, (_, index) =>
    decodeSection(got, index * size),
  );
}

const containsCode = 0x20;
const memoryDiscardable = 0x0200_0000;
const memoryExecute = 0x2000_0000;
const memoryWrite = 0x8000_0000;

function decodeSection(bytes: Uint8Array, at: number): ImageSection {
  const view = new StructView(IMAGE_SECTION_HEADER, bytes, at);
  const characteristics = view.get('Characteristics');
  const rawSize = view.get('SizeOfRawData');
  return {
    name: latin1z(view.get('Name')),
    rva: view.get('VirtualAddress'),
    size: view.get('VirtualSize') || rawSize,
    rawSize,
    rawOffset: view.get('PointerToRawData'),
    characteristics,
    executable: (characteristics & (containsCode | memoryExecute)) !== 0,
    writable: (characteristics & memoryWrite) !== 0,
    discardable: (characteristics & memoryDiscardable) !== 0,
    relocationsOffset: view.get('PointerToRelocations'),
    relocationCount: view.get('NumberOfRelocations'),
    lineNumbersOffset: view.get('PointerToLinenumbers'),
    lineNumberCount: view.get('NumberOfLinenumbers'),
  };
}

/** The data directory of this index, or why there is none. */
export function readDirectory(image: ImageReader, index: number): DataDirectory | ImageProblem {
  const parts = kept(knownParts, image, locateHeaders);
  if (parts instanceof ImageProblem) return parts;
  const directory = index < parts.directoryCount ? directoryAt(parts, index) : undefined;
  if (directory === undefined || directory.rva === 0 || directory.size === 0) {
    return new ImageProblem('no-directory', 'the image has no such table');
  }
  const sizeOfImage = parts.optional.get('SizeOfImage');
  const inside = directory.rva < sizeOfImage && directory.size <= sizeOfImage - directory.rva;
  return inside ? directory : new ImageProblem('damaged', 'the table lies outside of the image');
}

/** The section that holds `rva`, when its header can be read. */
export const findSection = (headers: ImageHeaders, rva: number): ImageSection | undefined =>
  headers.sections.find((section) => rva >= section.rva && rva - section.rva < section.size);

/** Is the byte at `rva` code? Undefined when the header of its section may be among those that are missing. */
export function isExecutableRva(headers: ImageHeaders, rva: number): boolean | undefined {
  const section = findSection(headers, rva);
  if (section !== undefined) return section.executable;
  return headers.missingSections > 0 ? undefined : false;
}
