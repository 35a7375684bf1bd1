import { Fault, padHex, readU16, readU32, utf16 } from '../base/index.ts';
import {
  IMAGE_RESOURCE_DATA_ENTRY,
  IMAGE_RESOURCE_DIRECTORY,
  IMAGE_RESOURCE_DIRECTORY_ENTRY,
  StructView,
  VS_FIXEDFILEINFO,
} from '../layouts/index.ts';
import { DirectoryIndex, readDirectory } from './headers.ts';
import { ImageProblem, type ImageReader } from './image-reader.ts';

/** The version resource of an image. */
export interface VersionInfo {
  /** `10.0.19041.804`; undefined when the fixed part is missing. */
  readonly fileVersion: string | undefined;
  readonly productVersion: string | undefined;
  /** Those that `fileFlagsMask` calls valid. */
  readonly fileFlags: number | undefined;
  readonly fileFlagsMask: number | undefined;
  readonly fileOS: number | undefined;
  readonly fileType: number | undefined;
  readonly fileSubtype: number | undefined;
  /** Two words, high first; 0 in nearly every image. */
  readonly fileDate: readonly [number, number] | undefined;
  /** Language and code page of each translation, as four and four hexadecimal digits: `0409.04b0`. */
  readonly translations: readonly string[];
  /** `CompanyName`, `FileVersion`, ...: the strings of the first language. */
  readonly strings: ReadonlyMap<string, string>;
}

const typeVersion = 16;
const maxEntries = 4096;
const maxResource = 0x1_0000;
const maxStrings = 64;
const maxTranslations = 32;
const fixedSignature = 0xfeef04bd;

const absent = (fault: Fault): ImageProblem => ImageProblem.absent('the version resource', fault);

/** The first version resource of an image. */
export function readVersionInfo(image: ImageReader): VersionInfo | ImageProblem {
  const directory = readDirectory(image, DirectoryIndex.Resource);
  if (directory instanceof ImageProblem) return directory;
  const root = directory.rva;
  // Type, name, language: three levels of directories, then the data entry.
  const type = findEntry(image, root, 0, typeVersion);
  const name = type instanceof ImageProblem ? type : findEntry(image, root, type, undefined);
  const language = name instanceof ImageProblem ? name : findEntry(image, root, name, undefined);
  if (language instanceof ImageProblem) return language;
  const entry = image.tryReadRva(root + language, IMAGE_RESOURCE_DATA_ENTRY.size);
  if (entry instanceof Fault) return absent(entry);
  const view = new StructView(IMAGE_RESOURCE_DATA_ENTRY, entry);
  const bytes = image.tryReadRva(view.get('OffsetToData'), Math.min(view.get('Size'), maxResource));
  if (bytes instanceof Fault) return absent(bytes);
  return decodeVersionInfo(bytes) ?? new ImageProblem('damaged', 'the version resource is not one');
}

/** Offset that the entry with this id, or the first entry, leads to. */
function findEntry(
  image: ImageReader,
  root: number,
  at: number,
  id: number | undefined,
): number | ImageProblem {
  const head = image.tryReadRva(root + at, IMAGE_RESOURCE_DIRECTORY.size);
  if (head instanceof Fault) return absent(head);
  const view = new StructView(IMAGE_RESOURCE_DIRECTORY, head);
  const count = Math.min(view.get('NumberOfNamedEntries') + view.get('NumberOfIdEntries'), maxEntries);
  const { size } = IMAGE_RESOURCE_DIRECTORY_ENTRY;
  const bytes = image.tryReadRva(root + at + head.length, count * size);
  const got = bytes instanceof Fault ? bytes.got : bytes;
  for (let offset = 0; offset + size <= got.length; offset += size) {
    const entry = new StructView(IMAGE_RESOURCE_DIRECTORY_ENTRY, got, offset);
    if (id === undefined || entry.get('Name') === id) return entry.get('OffsetToData') & 0x7fff_ffff;
  }
  return bytes instanceof Fault
    ? absent(bytes)
    : new ImageProblem('no-directory', 'the image has no version resource');
}

/** A block of a version resource: a header of three words, a UTF-16 key, a value and child blocks, each 4-aligned. */
interface Block {
  readonly key: string;
  readonly end: number;
  readonly valueAt: number;
  /** Bytes of a binary value, characters of a text. */
  readonly valueLength: number;
  readonly childrenAt: number;
}

const align4 = (at: number): number => (at + 3) & ~3;

function decodeBlock(bytes: Uint8Array, at: number, limit: number): Block | undefined {
  if (at + 6 > limit) return undefined;
  const length = readU16(bytes, at);
  const valueLength = readU16(bytes, at + 2);
  const end = at + length;
  if (length < 6 || end > limit) return undefined;
  let keyEnd = at + 6;
  while (keyEnd + 2 <= end && readU16(bytes, keyEnd) !== 0) keyEnd += 2;
  const valueAt = Math.min(align4(keyEnd + 2), end);
  const valueBytes = readU16(bytes, at + 4) === 1 ? valueLength * 2 : valueLength;
  const childrenAt = Math.min(align4(valueAt + valueBytes), end);
  return { key: utf16(bytes.subarray(at + 6, keyEnd)), end, valueAt, valueLength, childrenAt };
}

function* walkChildren(bytes: Uint8Array, parent: Block): Generator<Block> {
  for (let at = parent.childrenAt; at < parent.end; ) {
    const child = decodeBlock(bytes, at, parent.end);
    if (child === undefined) return;
    yield child;
    at = align4(child.end);
  }
}

/** A VS_VERSIONINFO resource; undefined when the bytes are not one. */
export function decodeVersionInfo(bytes: Uint8Array): VersionInfo | undefined {
  const root = decodeBlock(bytes, 0, bytes.length);
  if (root?.key !== 'VS_VERSION_INFO') return undefined;
  const { valueAt } = root;
  const isFixed = valueAt + VS_FIXEDFILEINFO.size <= root.end && readU32(bytes, valueAt) === fixedSignature;
  const fixed = isFixed ? new StructView(VS_FIXEDFILEINFO, bytes, valueAt) : undefined;
  return {
    fileVersion: fixed && dotted(fixed.get('dwFileVersionMS'), fixed.get('dwFileVersionLS')),
    productVersion: fixed && dotted(fixed.get('dwProductVersionMS'), fixed.get('dwProductVersionLS')),
    fileFlags: fixed && fixed.get('dwFileFlags') & fixed.get('dwFileFlagsMask'),
    fileFlagsMask: fixed?.get('dwFileFlagsMask'),
    fileOS: fixed?.get('dwFileOS'),
    fileType: fixed?.get('dwFileType'),
    fileSubtype: fixed?.get('dwFileSubtype'),
    fileDate: fixed && [fixed.get('dwFileDateMS'), fixed.get('dwFileDateLS')],
    translations: decodeTranslations(bytes, root),
    strings: decodeStrings(bytes, root),
  };
}

const dotted = (high: number, low: number): string =>
  [high >>> 16, high & 0xffff, low >>> 16, low & 0xffff].join('.');

function decodeStrings(bytes: Uint8Array, root: Block): Map<string, string> {
  const strings = new Map<string, string>();
  for (const info of walkChildren(bytes, root)) {
    if (info.key !== 'StringFileInfo') continue;
    const [table] = walkChildren(bytes, info);
    if (table === undefined) break;
    for (const { key, valueAt, valueLength, end } of walkChildren(bytes, table)) {
      if (strings.size >= maxStrings) break;
      const text = utf16(bytes.subarray(valueAt, Math.min(valueAt + valueLength * 2, end)));
      strings.set(key, text.split('\0')[0]!);
    }
    break;
  }
  return strings;
}

function decodeTranslations(bytes: Uint8Array, root: Block): string[] {
  const translations: string[] = [];
  for (const info of walkChildren(bytes, root)) {
    if (info.key !== 'VarFileInfo') continue;
    for (const { key, valueAt, valueLength, end } of walkChildren(bytes, info)) {
      const last = key === 'Translation' ? Math.min(valueAt + valueLength, end) : valueAt;
      for (let at = valueAt; at + 4 <= last && translations.length < maxTranslations; at += 4)
        translations.push(`${padHex(readU16(bytes, at), 4)}.${padHex(readU16(bytes, at + 2), 4)}`);
    }
  }
  return translations;
}
