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

const known = new WeakMap<ImageReader, ImageHeaders | ImageProblem>();

/** Headers of an image; the answer is kept as long as the reader lives. */
export function readImageHeaders(image: ImageReader): ImageHeaders | ImageProblem {
  let headers = known.get(image);
  if (headers === undefined) {
    headers = decodeHeaders(image);
    known.set(image, headers);
  }
  return headers;
}

const notAnImage = (reason: string): ImageProblem => new ImageProblem('not-an-image', reason);

function decodeHeaders(image: ImageReader): ImageHeaders | ImageProblem {
  const dos = image.tryReadRva(0, IMAGE_DOS_HEADER.size);
  if (dos instanceof Fault) return ImageProblem.absent('the image header', dos);
  if (readU16(dos, 0) !== dosSignature) return notAnImage('the image does not start with MZ');
  const at = new StructView(IMAGE_DOS_HEADER, dos).get('e_lfanew');
  if (at > maxHeaderOffset) return notAnImage('the offset of the PE header is not plausible');
  const start = image.tryReadRva(at, optionalHeaderAt + 2);
  if (start instanceof Fault) return ImageProblem.absent('the PE header', start);
  if (readU32(start, 0) !== peSignature) return notAnImage('there is no PE signature');
  return decodeOptional(
    image,
    at,
    new StructView(IMAGE_FILE_HEADER, start, fileHeaderAt),
    readU16(start, optionalHeaderAt),
  );
}

type FileHeader = StructView<typeof IMAGE_FILE_HEADER.fields>;

function decodeOptional(
  image: ImageReader,
  at: number,
  file: FileHeader,
  magic: number,
): ImageHeaders | ImageProblem {
  const of =
    magic === 0x20b ? IMAGE_OPTIONAL_HEADER64 : magic === 0x10b ? IMAGE_OPTIONAL_HEADER32 : undefined;
  const size = file.get('SizeOfOptionalHeader');
  const count = file.get('NumberOfSections');
  if (of === undefined || size < of.size) return notAnImage('the optional header is of no known kind');
  if (count > maxSections) return notAnImage(`the image claims ${count} sections`);
  const bytes = image.tryReadRva(at + optionalHeaderAt, size);
  const got = bytes instanceof Fault ? bytes.got : bytes;
  if (bytes instanceof Fault && got.length < of.size)
    return ImageProblem.absent('the optional header', bytes);
  // Both kinds have the fields that are read here; only the width of ImageBase differs.
  const view = new StructView(of as typeof IMAGE_OPTIONAL_HEADER32, got);
  const sections = readSections(image, at + optionalHeaderAt + size, count);
  return {
    machine: file.get('Machine'),
    pointerSize: magic === 0x20b ? 8 : 4,
    timeDateStamp: file.get('TimeDateStamp'),
    characteristics: file.get('Characteristics'),
    imageBase: BigInt(view.get('ImageBase')),
    entryPoint: view.get('AddressOfEntryPoint'),
    sizeOfImage: view.get('SizeOfImage'),
    sizeOfHeaders: view.get('SizeOfHeaders'),
    checkSum: view.get('CheckSum'),
    subsystem: view.get('Subsystem'),
    directories: decodeDirectories(got.subarray(of.size), view.get('NumberOfRvaAndSizes')),
    sections,
    missingSections: count - sections.length,
    details: decodeHeaderDetails(file, view),
  };
}

function decodeDirectories(bytes: Uint8Array, claimed: number): DataDirectory[] {
  const { size } = IMAGE_DATA_DIRECTORY;
  const count = Math.min(claimed, maxDirectories, Math.floor(bytes.length / size));
  return Array.from({ length: count }, (_, index) => {
    const view = new StructView(IMAGE_DATA_DIRECTORY, bytes, index * size);
    return { rva: view.get('VirtualAddress'), size: view.get('Size') };
  });
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
  const headers = readImageHeaders(image);
  if (headers instanceof ImageProblem) return headers;
  const directory = headers.directories[index];
  if (directory === undefined || directory.rva === 0 || directory.size === 0) {
    return new ImageProblem('no-directory', 'the image has no such table');
  }
  const inside = directory.rva < headers.sizeOfImage && directory.size <= headers.sizeOfImage - directory.rva;
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
