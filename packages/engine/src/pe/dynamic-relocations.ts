import { readImageHeaders } from './headers.ts';
import { ImageProblem, type ImageReader } from './image-reader.ts';
import { readLoadConfiguration } from './load-configuration.ts';
import { type RelocationBlock, RelocationKind, walkRelocationBlocks } from './relocations.ts';
import { RvaReader } from './rva-reader.ts';

/** IMAGE_DYNAMIC_RELOCATION_* by Symbol. Source: winnt.h of the public SDK. */
const DynamicSymbol = {
  ImportCall: 3n,
  IndirectCall: 4n,
  SwitchJump: 5n,
  FunctionOverride: 7n,
  Arm64ImportCall: 8n,
} as const;

/** Symbols below this are kinds of places; others are addresses that the system chooses when it starts. */
const firstAddress = 0x100n;

/** Places of an image that the loader may rewrite for the machine: branches for retpolines, addresses chosen at start. */
export interface DynamicRelocations {
  /** Sorted by RVA. */
  readonly places: readonly DynamicPlace[];
  /** Kinds whose tables are not read here: prologs of an abandoned guard, ARM64X. */
  readonly unknownKinds: readonly number[];
  /** The table contradicts itself or is not all there. */
  readonly partial: boolean;
}

export interface DynamicPlace {
  readonly rva: number;
  /** Bytes that may change. */
  readonly length: number;
}

/** Bytes that compilers reserve for the rewritten form of a branch through a register. */
const registerBranchLength = 5;
const arm64CallLength = 4;
/** `call` or `jmp` through memory with a REX prefix, and the padding behind it. */
const longestMemoryBranch = 12;
const maxPlaces = 1 << 20;
const maxEntries = 0x1000;

/** The dynamic relocation table of an image file; an empty one where the image has none. */
export function readDynamicRelocations(image: ImageReader): DynamicRelocations {
  const headers = readImageHeaders(image);
  const configuration = readLoadConfiguration(image);
  if (headers instanceof ImageProblem || configuration instanceof ImageProblem) return none;
  const start = configuration.dynamicRelocations;
  return start === undefined ? none : new TableReader(image, start, headers.pointerSize).read();
}

const none: DynamicRelocations = { places: [], unknownKinds: [], partial: false };

/** One kind of places: where its blocks are, and what kind. */
interface Entry {
  readonly symbol: bigint;
  readonly at: number;
  readonly size: number;
}

class TableReader {
  readonly #reader: RvaReader;
  readonly #start: number;
  readonly #pointerSize: 4 | 8;
  readonly #places: DynamicPlace[] = [];
  readonly #unknown = new Set<number>();
  #partial = false;

  constructor(image: ImageReader, start: number, pointerSize: 4 | 8) {
    this.#reader = new RvaReader(image);
    this.#start = start;
    this.#pointerSize = pointerSize;
  }

  read(): DynamicRelocations {
    for (const entry of this.#entries()) this.#readEntry(entry);
    return {
      places: this.#places.sort((a, b) => a.rva - b.rva),
      unknownKinds: [...this.#unknown].sort((a, b) => a - b),
      partial: this.#partial,
    };
  }

  *#entries(): Generator<Entry> {
    const version = this.#reader.u32(this.#start);
    const size = this.#reader.u32(this.#start + 4);
    const end = this.#start + 8 + (size ?? 0);
    let at = this.#start + 8;
    for (let count = 0; at < end && count < maxEntries; count++) {
      const entry = version === 1 ? this.#version1(at) : version === 2 ? this.#version2(at) : undefined;
      if (entry === undefined || entry.at + entry.size > end) break;
      yield entry;
      at = entry.at + entry.size;
    }
    this.#partial ||= version === undefined || size === undefined || at < end;
  }

  /** Symbol, as wide as a pointer, and the size of the blocks. */
  #version1(at: number): Entry | undefined {
    const symbol = this.#pointer(at);
    const size = this.#reader.u32(at + this.#pointerSize);
    return symbol === undefined || size === undefined
      ? undefined
      : { symbol, at: at + this.#pointerSize + 4, size };
  }

  /** Size of this header, size of the blocks, symbol, and two words that do not matter here. */
  #version2(at: number): Entry | undefined {
    const header = this.#reader.u32(at);
    const size = this.#reader.u32(at + 4);
    const symbol = this.#pointer(at + 8);
    if (header === undefined || size === undefined || symbol === undefined) return undefined;
    return header < 8 + this.#pointerSize ? undefined : { symbol, at: at + header, size };
  }

  #pointer(at: number): bigint | undefined {
    const low = this.#reader.u32(at);
    const high = this.#pointerSize === 8 ? this.#reader.u32(at + 4) : 0;
    return low === undefined || high === undefined ? undefined : (BigInt(high) << 32n) | BigInt(low);
  }

  #readEntry({ symbol, at, size }: Entry): void {
    const decode = decoderOf(symbol);
    if (symbol === DynamicSymbol.FunctionOverride) this.#readOverrides(at, at + size);
    else if (decode === undefined) this.#unknown.add(Number(symbol));
    else this.#readBlocks(at, at + size, decode);
  }

  #readBlocks(start: number, limit: number, decode: Decoder): void {
    let end = start;
    for (const block of walkRelocationBlocks(this.#reader, start, limit)) {
      end = block.entriesAt + block.entriesSize;
      this.#readBlock(block, decode);
    }
    this.#partial ||= end + 8 <= limit;
  }

  /**
   * Bytes of what follows, then for each function that may be replaced: its RVA, an offset, bytes of replacements' RVAs,
   * bytes of blocks; the RVAs and the blocks of its callers. Behind all of them is the decision tree, which is not needed.
   */
  #readOverrides(start: number, limit: number): void {
    const end = start + 4 + (this.#reader.u32(start) ?? limit);
    this.#partial ||= end > limit;
    for (let at = start + 4; at < Math.min(end, limit); ) {
      const replacements = this.#reader.u32(at + 8);
      const size = this.#reader.u32(at + 12);
      const blocks = at + 16 + (replacements ?? limit);
      this.#partial ||= size === undefined || blocks + size > limit;
      if (size === undefined || blocks + size > limit) return;
      this.#readBlocks(blocks, blocks + size, overrideCall);
      at = blocks + size;
    }
  }

  #readBlock({ page, entriesAt, entriesSize }: RelocationBlock, decode: Decoder): void {
    for (let at = 0; at + decode.size <= entriesSize; at += decode.size) {
      const word = decode.size === 4 ? this.#reader.u32(entriesAt + at) : this.#reader.u16(entriesAt + at);
      const place = word === undefined ? undefined : decode.place(word);
      if (word === undefined || this.#places.length >= maxPlaces) this.#partial = true;
      else if (place !== undefined) this.#addPlace(page + place.offset, place.length);
    }
  }

  #addPlace(rva: number, length: number | 'branch'): void {
    if (length !== 'branch') this.#places.push({ rva, length });
    else {
      const code = this.#reader.bytes(rva, longestMemoryBranch) ?? new Uint8Array(0);
      this.#places.push({ rva, length: branchLength(code) });
    }
  }
}

/**
 * Bytes of `call [rip+n]` or `jmp [rip+n]`, maybe with a REX prefix, and of the five bytes of nop or int 3 that leave
 * room for a longer form; of anything else, those of a branch through a register.
 */
function branchLength(code: Uint8Array): number {
  const at = code[0] === 0x48 ? 1 : 0;
  if (code[at] !== 0xff || (code[at + 1] !== 0x15 && code[at + 1] !== 0x25)) return registerBranchLength;
  const end = at + 6;
  const isPadded = paddings.some((padding) => padding.every((byte, index) => code[end + index] === byte));
  return isPadded ? end + 5 : end;
}

const paddings = [
  [0x0f, 0x1f, 0x44, 0x00, 0x00],
  [0xcc, 0xcc, 0xcc, 0xcc, 0xcc],
];

interface Decoder {
  /** Bytes of an entry. */
  readonly size: 2 | 4;
  /** Undefined for padding. The length of a `branch` depends on its code. */
  place(word: number): { readonly offset: number; readonly length: number | 'branch' } | undefined;
}

const pageOffset = (word: number): number => word & 0xfff;

/** A word of 0 fills a block up. */
const branchPlace = (word: number): { offset: number; length: 'branch' } | undefined =>
  word === 0 ? undefined : { offset: pageOffset(word), length: 'branch' };

function decoderOf(symbol: bigint): Decoder | undefined {
  switch (symbol) {
    case DynamicSymbol.ImportCall:
      return { size: 4, place: branchPlace };
    case DynamicSymbol.IndirectCall:
      return { size: 2, place: branchPlace };
    case DynamicSymbol.SwitchJump:
      return {
        size: 2,
        place: (word) =>
          word === 0 ? undefined : { offset: pageOffset(word), length: registerBranchLength },
      };
    case DynamicSymbol.Arm64ImportCall:
      return { size: 4, place: (word) => ({ offset: (word & 0x3ff) * 4, length: arm64CallLength }) };
    default:
      return symbol < firstAddress ? undefined : { size: 2, place: addressPlace };
  }
}

/** A base relocation, whose value is an address chosen at start. */
function addressPlace(word: number): { offset: number; length: number } | undefined {
  const kind = word >> 12;
  if (kind === RelocationKind.Absolute) return undefined;
  return { offset: pageOffset(word), length: kind === RelocationKind.Dir64 ? 8 : 4 };
}

/** Callers of a function that may be replaced, by kind: a distance of x64, a branch of arm64, a thunk of arm64. */
const overrideLengths: Readonly<Record<number, number>> = { 1: 4, 2: 4, 3: 12 };
const overrideCall: Decoder = {
  size: 2,
  place(word) {
    const length = overrideLengths[word >> 12];
    return length === undefined ? undefined : { offset: pageOffset(word), length };
  },
};
