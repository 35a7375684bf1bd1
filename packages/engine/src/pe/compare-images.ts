import { Fault, pageSize } from '../base/index.ts';
import { type DynamicPlace, readDynamicRelocations } from './dynamic-relocations.ts';
import { DirectoryIndex, type ImageHeaders, type ImageSection, readDirectory } from './headers.ts';
import { ImageProblem, type ImageReader } from './image-reader.ts';
import { readLoadConfiguration } from './load-configuration.ts';
import { RelocatedImage } from './relocated-image.ts';
import { readBaseRelocations } from './relocations.ts';

/** Which parts of two images are compared, and how. */
export interface CompareOptions {
  /** `code`: executable, not writable, never paged out and never dropped; `all`: every section that is not dropped. */
  readonly sections?: 'code' | 'all';
  /** Every section whose name contains this and that is not dropped, whatever `sections` says. */
  readonly sectionName?: string;
  /** Only this part of the image; end exclusive. */
  readonly range?: { readonly start: number; readonly end: number };
  /** A lock prefix (F0) and a nop (90) are the same: kernels for one processor replace the one by the other. */
  readonly lockIsNop?: boolean;
  /** Move the file's image to where the other one is; true when absent. */
  readonly relocate?: boolean;
}

/** Bytes side by side that all differ. */
export interface ImageDifference {
  readonly rva: number;
  readonly length: number;
  /** The first bytes, at most 64. */
  readonly expected: Uint8Array;
  readonly found: Uint8Array;
}

/** How much of one section was compared. */
export interface ComparedSection {
  readonly name: string;
  readonly rva: number;
  readonly size: number;
  readonly compared: number;
  /** Bytes that are not in the dump, or not in the file. */
  readonly missing: number;
}

/** What differs between an image in memory and in a file. Counts are bytes. */
export interface ImageComparison {
  readonly sections: readonly ComparedSection[];
  readonly differences: readonly ImageDifference[];
  /** Bytes in `differences`, also of those that are too many to list. */
  readonly differentBytes: number;
  /** Differences at places that the file allows the loader to rewrite: they may be right. */
  readonly rewritten: readonly ImageDifference[];
  readonly rewrittenBytes: number;
  readonly comparedBytes: number;
  readonly missingBytes: number;
  /** New base less ImageBase of the file. */
  readonly distance: bigint;
  /** What the file holds that could not be taken into account, one plain sentence each. */
  readonly notes: readonly string[];
}

const maxListed = 0x1_0000;
const keptBytes = 64;
const stepBytes = 0x1_0000;

/**
 * Compares a file's image (`expected`) with the same image in memory at `base`. Import addresses and variables that the
 * loader sets are left out. Yields the bytes done now and then.
 */
export function* compareImages(
  expected: ImageReader,
  headers: ImageHeaders,
  found: ImageReader,
  base: bigint,
  options: CompareOptions = {},
): Generator<number, ImageComparison> {
  const comparer = new Comparer(expected, headers, found, base, options);
  let done = 0;
  for (const section of headers.sections) {
    if (!isWanted(section, options)) continue;
    for (const bytes of comparer.compare(section)) yield (done += bytes);
  }
  return comparer.result();
}

/** The sections that the debugger compares: what can change without a fault of its own is left out. */
function isWanted(section: ImageSection, { sections = 'code', sectionName }: CompareOptions): boolean {
  if (section.discardable) return false;
  if (sectionName !== undefined) return section.name.includes(sectionName);
  if (sections === 'all') return true;
  return section.executable && !section.writable && !/PAGE|INITKDBG/.test(section.name);
}

type Range = readonly [start: number, end: number];

class Comparer {
  readonly #expected: ImageReader;
  readonly #found: ImageReader;
  readonly #options: CompareOptions;
  readonly #distance: bigint;
  readonly #ignored: readonly Range[];
  readonly #places: readonly DynamicPlace[];
  readonly #notes: string[] = [];
  readonly #sections: ComparedSection[] = [];
  readonly #different = new DifferenceList();
  readonly #rewritten = new DifferenceList();

  constructor(
    expected: ImageReader,
    headers: ImageHeaders,
    found: ImageReader,
    base: bigint,
    options: CompareOptions,
  ) {
    this.#found = found;
    this.#options = options;
    this.#distance = options.relocate === false ? 0n : distanceTo(headers, base);
    this.#ignored = ignoredRanges(expected, headers);
    const dynamic = readDynamicRelocations(expected);
    this.#places = dynamic.places;
    if (dynamic.partial) this.#notes.push('the dynamic relocations of the file contradict themselves');
    if (dynamic.unknownKinds.length > 0)
      this.#notes.push(`dynamic relocations of kind ${dynamic.unknownKinds.join(', ')} are not read`);
    this.#expected = this.#relocate(expected, headers);
  }

  result(): ImageComparison {
    const sum = (of: 'compared' | 'missing') =>
      this.#sections.reduce((total, section) => total + section[of], 0);
    return {
      sections: this.#sections,
      differences: this.#different.list,
      differentBytes: this.#different.bytes,
      rewritten: this.#rewritten.list,
      rewrittenBytes: this.#rewritten.bytes,
      comparedBytes: sum('compared'),
      missingBytes: sum('missing'),
      distance: this.#distance,
      notes: this.#notes,
    };
  }

  /** Compares one section; yields bytes as they are done. */
  *compare({ name, rva, size }: ImageSection): Generator<number> {
    const { range = { start: 0, end: rva + size } } = this.#options;
    const start = Math.max(rva, range.start);
    const end = Math.min(rva + size, range.end);
    let compared = 0;
    let reported = start;
    for (let at = start; at < end; ) {
      const length = Math.min(pageSize - (at % pageSize), end - at);
      const wanted = bytesOf(this.#expected.tryReadRva(at, length));
      const count = this.#comparePiece(at, wanted);
      compared += count;
      // What the file lacks is passed over page by page, what the dump lacks as far as the dump can tell.
      at = count === wanted.length ? at + length : this.#behindHole(at + count, end);
      if (at - reported >= stepBytes) {
        yield at - reported;
        reported = at;
      }
    }
    const covered = Math.max(0, end - start);
    this.#sections.push({ name, rva, size: covered, compared, missing: covered - compared });
  }

  /** Compares what is there on both sides; gives how many bytes that was. */
  #comparePiece(rva: number, wanted: Uint8Array): number {
    const got = bytesOf(this.#found.tryReadRva(rva, wanted.length));
    for (let index = 0; index < got.length; index++)
      if (wanted[index] !== got[index]) this.#note(rva + index, wanted[index]!, got[index]!);
    return got.length;
  }

  /** Where to go on behind a byte that is missing: at least one byte further, at most at the section's end. */
  #behindHole(rva: number, end: number): number {
    const nextPage = rva - (rva % pageSize) + pageSize;
    const next = this.#found.nextReadable === undefined ? nextPage : this.#found.nextReadable(rva);
    return Math.min(end, Math.max(rva + 1, next ?? end));
  }

  #note(rva: number, wanted: number, got: number): void {
    const isLock = (wanted === 0x90 && got === 0xf0) || (wanted === 0xf0 && got === 0x90);
    if ((isLock && this.#options.lockIsNop !== false) || this.#ignored.some(([a, b]) => rva >= a && rva < b))
      return;
    (this.#isRewritten(rva) ? this.#rewritten : this.#different).add(rva, wanted, got);
  }

  #isRewritten(rva: number): boolean {
    let low = 0;
    let high = this.#places.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#places[middle]!.rva <= rva) low = middle + 1;
      else high = middle;
    }
    const place = this.#places[low - 1];
    return place !== undefined && rva < place.rva + place.length;
  }

  #relocate(expected: ImageReader, { sizeOfImage }: ImageHeaders): ImageReader {
    if (this.#distance === 0n) return expected;
    const relocations = readBaseRelocations(expected, sizeOfImage);
    if (relocations instanceof ImageProblem) {
      this.#notes.push(`the file cannot be moved to where the image is loaded: ${relocations.reason}`);
      return expected;
    }
    if (relocations.partial || relocations.strange > 0)
      this.#notes.push('some base relocations of the file are missing or make no sense');
    return new RelocatedImage(expected, relocations, this.#distance);
  }
}

/** 32-bit addresses are sign-extended outside of images. */
const distanceTo = ({ imageBase, pointerSize }: ImageHeaders, base: bigint): bigint =>
  BigInt.asIntN(pointerSize * 8, base - imageBase);

const bytesOf = (read: Uint8Array | Fault): Uint8Array => (read instanceof Fault ? read.got : read);

/** Import addresses, and what the loader writes for control flow guard and stack cookies. */
function ignoredRanges(image: ImageReader, { pointerSize }: ImageHeaders): Range[] {
  const imports = readDirectory(image, DirectoryIndex.ImportAddressTable);
  const configuration = readLoadConfiguration(image);
  const variables = configuration instanceof ImageProblem ? [] : configuration.setByLoader;
  return [
    ...(imports instanceof ImageProblem ? [] : [[imports.rva, imports.rva + imports.size] as const]),
    ...variables.map((rva) => [rva, rva + pointerSize] as const),
  ];
}

/** Joins bytes side by side; counts all, lists so many. */
class DifferenceList {
  readonly list: { rva: number; length: number; expected: Uint8Array; found: Uint8Array }[] = [];
  bytes = 0;
  /** Where the difference that is being joined ends; -1 when there is none, or no room to list it. */
  #end = -1;

  add(rva: number, wanted: number, got: number): void {
    this.bytes++;
    const isNew = this.#end !== rva;
    if (isNew && this.list.length >= maxListed) {
      this.#end = -1;
      return;
    }
    if (isNew) this.list.push({ rva, length: 0, expected: new Uint8Array(0), found: new Uint8Array(0) });
    const last = this.list.at(-1)!;
    if (last.length < keptBytes) {
      last.expected = Uint8Array.of(...last.expected, wanted);
      last.found = Uint8Array.of(...last.found, got);
    }
    last.length++;
    this.#end = rva + 1;
  }
}
