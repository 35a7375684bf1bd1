import { readU32, readU64 } from '../base/index.ts';
import { DirectoryIndex, readDirectory, readImageHeaders } from './headers.ts';
import { ImageProblem, type ImageReader } from './image-reader.ts';
import { RvaReader } from './rva-reader.ts';

/** What the loader puts into one slot of an import address table. */
export interface ImportedSymbol {
  /** File that exports it: `ntoskrnl.exe`. */
  readonly image: string;
  /** Undefined: imported by its number alone. */
  readonly name: string | undefined;
  readonly ordinal: number | undefined;
}

/** Bounds far above those of real drivers. */
const [maxImages, maxSlots, maxName] = [1024, 0x1_0000, 4096];
/** IMAGE_IMPORT_DESCRIPTOR: bytes, and offsets of its RVAs. Source: the PE format's specification. */
const descriptor = { size: 20, names: 0, image: 12, slots: 16 } as const;

/**
 * The import whose address belongs at `rva`, by the image's import tables; undefined where it is none, or they are not there.
 * Only the names tell: what is in the slot itself is not looked at.
 */
export function findImport(image: ImageReader, rva: number): ImportedSymbol | undefined {
  const directory = readDirectory(image, DirectoryIndex.Import);
  const headers = readImageHeaders(image);
  if (directory instanceof ImageProblem || headers instanceof ImageProblem) return undefined;
  const width = headers.pointerSize;
  const reader = new RvaReader(image);
  for (let index = 0; index < maxImages; index++) {
    const at = directory.rva + index * descriptor.size;
    const [names, from, slots] = [descriptor.names, descriptor.image, descriptor.slots].map((offset) =>
      reader.u32(at + offset),
    );
    if (names === undefined || from === undefined || slots === undefined || slots === 0) return undefined;
    const slot = (rva - slots) / width;
    if (names === 0 || !Number.isInteger(slot) || slot < 0 || slot >= maxSlots) continue;
    if (!isWhole(reader, names, slot, width)) continue;
    return importAt(reader, names + slot * width, width, reader.text(from, maxName));
  }
  return undefined;
}

/** Does the list of names reach so far? It ends with a zero. */
function isWhole(reader: RvaReader, names: number, slot: number, width: number): boolean {
  for (let index = 0; index <= slot; index++) {
    const name = reader.bytes(names + index * width, width);
    if (name === undefined || name.every((byte) => byte === 0)) return false;
  }
  return true;
}

function importAt(
  reader: RvaReader,
  at: number,
  width: number,
  image: string | undefined,
): ImportedSymbol | undefined {
  const bytes = reader.bytes(at, width);
  if (bytes === undefined || image === undefined) return undefined;
  const value = width === 8 ? readU64(bytes, 0) : BigInt(readU32(bytes, 0));
  if (value >> BigInt(width * 8 - 1) === 1n)
    return { image, name: undefined, ordinal: Number(value & 0xffffn) };
  // A number of two bytes stands before the name.
  const name = value > 0x7fff_ffffn ? undefined : reader.text(Number(value) + 2, maxName);
  return name === undefined ? undefined : { image, name, ordinal: undefined };
}
