import { IMAGE_BASE_RELOCATION } from '../layouts/index.ts';
import { DirectoryIndex, readDirectory } from './headers.ts';
import { ImageProblem, type ImageReader } from './image-reader.ts';
import { RvaReader } from './rva-reader.ts';

/** IMAGE_REL_BASED_* of the machines that are read here. Source: Microsoft's PE format page. */
export const RelocationKind = {
  Absolute: 0,
  High: 1,
  Low: 2,
  HighLow: 3,
  HighAdjusted: 4,
  Dir64: 10,
} as const;

/** Places of an image that depend on where it is loaded, sorted by RVA. */
export interface BaseRelocations {
  readonly rvas: Uint32Array;
  /** A RelocationKind each; padding (Absolute) is left out. */
  readonly kinds: Uint8Array;
  /** Entries of a kind that is not known, or outside of the image. */
  readonly strange: number;
  /** The directory ends before its size says so, or is not all there. */
  readonly partial: boolean;
}

/** A block of entries: those of one page. */
export interface RelocationBlock {
  readonly page: number;
  /** RVA and bytes of the entries. */
  readonly entriesAt: number;
  readonly entriesSize: number;
}

/** Far more than any image has: ntoskrnl has 60,000. */
const maxRelocations = 1 << 22;
const known: ReadonlySet<number> = new Set(Object.values(RelocationKind));

/** The base relocations of an image; read them from a file, because memory rarely keeps them. */
export function readBaseRelocations(image: ImageReader, sizeOfImage: number): BaseRelocations | ImageProblem {
  const directory = readDirectory(image, DirectoryIndex.BaseRelocation);
  if (directory instanceof ImageProblem) return directory;
  const reader = new RvaReader(image);
  const places: number[] = [];
  const end = directory.rva + directory.size;
  let strange = 0;
  let at = directory.rva;
  for (const block of walkRelocationBlocks(reader, directory.rva, end)) {
    at = block.entriesAt + block.entriesSize;
    strange += addEntries(reader, block, sizeOfImage, places);
    if (places.length >= maxRelocations) break;
  }
  const sorted = Float64Array.from(places).sort();
  return {
    rvas: Uint32Array.from(sorted, (place) => Math.floor(place / 16)),
    kinds: Uint8Array.from(sorted, (place) => place % 16),
    strange,
    partial: at + IMAGE_BASE_RELOCATION.size <= end,
  };
}

/** Blocks from `start` up to `end`; ends at one that is not there or says that it is shorter than its own header. */
export function* walkRelocationBlocks(
  reader: RvaReader,
  start: number,
  end: number,
): Generator<RelocationBlock> {
  const header = IMAGE_BASE_RELOCATION.size;
  for (let at = start; at + header <= end; ) {
    const page = reader.u32(at);
    const size = reader.u32(at + 4);
    if (page === undefined || size === undefined || size < header || at + size > end) return;
    yield { page, entriesAt: at + header, entriesSize: size - header };
    at += size;
  }
}

/** Adds a block's entries as RVA * 16 + kind; gives how many make no sense. */
function addEntries(
  reader: RvaReader,
  { page, entriesAt, entriesSize }: RelocationBlock,
  sizeOfImage: number,
  places: number[],
): number {
  let strange = 0;
  for (let at = 0; at + 2 <= entriesSize && places.length < maxRelocations; at += 2) {
    const entry = reader.u16(entriesAt + at);
    if (entry === undefined) return strange + 1;
    const kind = entry >> 12;
    const rva = page + (entry & 0xfff);
    if (kind === RelocationKind.Absolute) continue;
    if (known.has(kind) && rva < sizeOfImage) places.push(rva * 16 + kind);
    else strange++;
    // The entry behind it is the low half of the address.
    if (kind === RelocationKind.HighAdjusted) at += 2;
  }
  return strange;
}
