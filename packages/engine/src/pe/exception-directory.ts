import { pageSize } from '../base/index.ts';
import {
  IMAGE_ARM64_RUNTIME_FUNCTION_ENTRY,
  IMAGE_RUNTIME_FUNCTION_ENTRY,
  StructView,
} from '../layouts/index.ts';
import { type DataDirectory, DirectoryIndex, readDirectory, readImageHeaders } from './headers.ts';
import { ImageProblem, type ImageReader } from './image-reader.ts';
import { RvaReader } from './rva-reader.ts';

/** A function, or a separated part of one, as the exception directory describes it. */
export interface RuntimeFunction {
  /** RVA of the first byte. */
  readonly begin: number;
  /** RVA behind the last byte. */
  readonly end: number;
  /** x64: RVA of UNWIND_INFO. arm64: packed unwind data, or the RVA of an .xdata record when the two low bits are 0. */
  readonly unwindData: number;
}

type Entry = Omit<RuntimeFunction, 'end'> & { readonly end: number | undefined };

const machineX64 = 0x8664;
const machineArm64 = 0xaa64;
/** Real tables have one step; more is not followed. */
const maxIndirections = 4;
/** Pages to try on either side of one that is missing; the table of ntoskrnl has about a hundred. */
const maxGap = 128;

const known = new WeakMap<ImageReader, ExceptionDirectory | ImageProblem>();

/** The exception directory of an x64 or arm64 image; the answer is kept as long as the reader lives. */
export function readExceptionDirectory(image: ImageReader): ExceptionDirectory | ImageProblem {
  let directory = known.get(image);
  if (directory === undefined) {
    directory = openDirectory(image);
    known.set(image, directory);
  }
  return directory;
}

function openDirectory(image: ImageReader): ExceptionDirectory | ImageProblem {
  const headers = readImageHeaders(image);
  if (headers instanceof ImageProblem) return headers;
  const { machine } = headers;
  if (machine !== machineX64 && machine !== machineArm64) {
    return new ImageProblem('no-directory', 'images for this machine have no unwind tables');
  }
  const directory = readDirectory(image, DirectoryIndex.Exception);
  return directory instanceof ImageProblem
    ? directory
    : new ExceptionDirectory(image, directory, machine === machineArm64);
}

/** The sorted table of functions. Only the entries that a search needs are read. */
export class ExceptionDirectory {
  readonly count: number;
  readonly #reader: RvaReader;
  readonly #rva: number;
  readonly #entrySize: number;
  readonly #arm64: boolean;

  constructor(image: ImageReader, directory: DataDirectory, arm64: boolean) {
    this.#reader = new RvaReader(image);
    this.#rva = directory.rva;
    this.#entrySize = arm64 ? IMAGE_ARM64_RUNTIME_FUNCTION_ENTRY.size : IMAGE_RUNTIME_FUNCTION_ENTRY.size;
    this.#arm64 = arm64;
    this.count = Math.floor(directory.size / this.#entrySize);
  }

  /**
   * The entry that covers `rva`, through indirect entries; undefined when the table has none, which makes a function
   * a leaf; a problem when the part of the table that would tell is not in the dump.
   */
  findRuntimeFunction(rva: number): RuntimeFunction | ImageProblem | undefined {
    const index = this.#search(rva);
    if (index === undefined) return undefined;
    if (index instanceof ImageProblem) return index;
    const entry = this.functionAt(index);
    if (entry instanceof ImageProblem) return entry;
    return rva >= entry.end ? undefined : this.#resolve(entry);
  }

  /** The last entry that begins at or before `rva`, as the table has it; undefined when none does or it is not in the dump. */
  findBefore(rva: number): RuntimeFunction | undefined {
    const index = this.#search(rva);
    const entry = typeof index === 'number' ? this.functionAt(index) : undefined;
    return entry instanceof ImageProblem ? undefined : entry;
  }

  /** Entry `index` as the table has it, indirect or not. */
  functionAt(index: number): RuntimeFunction | ImageProblem {
    const entry = this.#entryAt(index);
    const end = entry === undefined ? undefined : (entry.end ?? this.#endOfArm64(entry));
    return entry === undefined || end === undefined ? absent() : { ...entry, end };
  }

  /** Index of the last entry that begins at or before `rva`. */
  #search(rva: number): number | ImageProblem | undefined {
    let low = -1;
    let high = this.count;
    while (high - low > 1) {
      const middle = this.#readableIndex(low, high);
      if (middle === undefined) return this.#besideGap(low, rva);
      if (this.#entryAt(middle)!.begin <= rva) low = middle;
      else high = middle;
    }
    return low < 0 ? undefined : low;
  }

  /** An entry strictly between the two that can be read: the middle one, or the nearest to it on another page. */
  #readableIndex(low: number, high: number): number | undefined {
    const middle = (low + high) >>> 1;
    if (this.#entryAt(middle) !== undefined) return middle;
    const at = this.#rva + middle * this.#entrySize;
    const page = at - (at % pageSize);
    for (let gap = 1; gap <= maxGap; gap++) {
      const before = Math.floor((page - (gap - 1) * pageSize - this.#rva) / this.#entrySize) - 1;
      const after = Math.ceil((page + gap * pageSize - this.#rva) / this.#entrySize);
      if (before > low && this.#entryAt(before) !== undefined) return before;
      if (after < high && this.#entryAt(after) !== undefined) return after;
      if (before <= low && after >= high) break;
    }
    return undefined;
  }

  /** Nothing between `low` and the next readable entry can be read: `low` may still be the one that covers `rva`. */
  #besideGap(low: number, rva: number): number | ImageProblem {
    const entry = low < 0 ? undefined : this.functionAt(low);
    return entry === undefined || entry instanceof ImageProblem || rva >= entry.end ? absent() : low;
  }

  #entryAt(index: number): Entry | undefined {
    const bytes = this.#reader.bytes(this.#rva + index * this.#entrySize, this.#entrySize);
    return bytes === undefined ? undefined : this.#decode(bytes);
  }

  #decode(bytes: Uint8Array): Entry {
    if (this.#arm64) {
      const view = new StructView(IMAGE_ARM64_RUNTIME_FUNCTION_ENTRY, bytes);
      return { begin: view.get('BeginAddress'), end: undefined, unwindData: view.get('UnwindData') };
    }
    return decodeRuntimeFunction(bytes);
  }

  /** Packed data holds the length in instructions in bits 2 to 12, an .xdata record in its low 18 bits. */
  #endOfArm64({ begin, unwindData }: Entry): number | undefined {
    if ((unwindData & 3) !== 0) return begin + ((unwindData >>> 2) & 0x7ff) * 4;
    const header = this.#reader.u32(unwindData);
    return header === undefined ? undefined : begin + (header & 0x3ffff) * 4;
  }

  /** x64: bit 0 of the unwind data says that it is the RVA of another entry, which counts instead. */
  #resolve(entry: RuntimeFunction): RuntimeFunction | ImageProblem {
    let found = entry;
    for (let step = 0; !this.#arm64 && (found.unwindData & 1) !== 0; step++) {
      if (step === maxIndirections)
        return new ImageProblem('damaged', 'an entry of the exception directory leads nowhere');
      const bytes = this.#reader.bytes((found.unwindData & ~1) >>> 0, IMAGE_RUNTIME_FUNCTION_ENTRY.size);
      if (bytes === undefined) return absent();
      found = decodeRuntimeFunction(bytes);
    }
    return found;
  }
}

/** An x64 entry of 12 bytes, in the directory or behind chained unwind information. */
export function decodeRuntimeFunction(bytes: Uint8Array, at = 0): RuntimeFunction {
  const view = new StructView(IMAGE_RUNTIME_FUNCTION_ENTRY, bytes, at);
  return { begin: view.get('BeginAddress'), end: view.get('EndAddress'), unwindData: view.get('UnwindData') };
}

const absent = (): ImageProblem =>
  new ImageProblem('absent', 'the needed part of the exception directory is not in the dump');
