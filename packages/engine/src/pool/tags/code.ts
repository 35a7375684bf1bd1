import { readU32, readU64, signExtend32, type Va, wrap64 } from '../../base/index.ts';
import type { Disassembler, Instruction } from '../../disasm/index.ts';
import {
  DirectoryIndex,
  decodeRuntimeFunction,
  findImport,
  ImageProblem,
  type ImageReader,
  type ImageSection,
  type RuntimeFunction,
  readDirectory,
  readExceptionDirectory,
  readImageHeaders,
  readLoadConfiguration,
} from '../../pe/index.ts';
import type { Symbols } from '../../symbols/index.ts';
import { type TagTaker, takerOf } from '../tables/tag-takers.ts';

/** Where a pointer leads. */
export interface Destination {
  readonly target: Va | undefined;
  /** `nt!ExAllocatePoolWithTag`; `ntoskrnl.exe!...` where only the image's import table tells. */
  readonly name: string | undefined;
}

/** Instructions that are kept; those of one function are read many times. */
const mostKept = 20_000;
const longestInstruction = 15;
const fetched = 64;
/** Words of an import address table that are looked at. */
const mostSlots = 4096;
/** UNWIND_INFO: the flag of one that continues another, and parts that are followed. */
const [chained, mostParts, runtimeFunctionSize] = [4, 8, 12];

/** The code and data of one image by RVA, with what was found out about them. */
export class TagCode {
  readonly base: Va;
  readonly pointerSize: 4 | 8;
  readonly sections: readonly ImageSection[];
  readonly disassembler: Disassembler;
  readonly #symbols: Pick<Symbols, 'nameOf'>;
  readonly #image: ImageReader;
  readonly #instructions = new Map<number, Instruction | undefined>();
  readonly #destinations = new Map<number, Destination>();
  #window: { readonly start: number; readonly bytes: Uint8Array } | undefined;
  #takerSlots: ReadonlyMap<number, TagTaker> | undefined;
  #guards: ReadonlySet<number> | undefined;
  #drivesFramework: boolean | undefined;

  constructor(symbols: Pick<Symbols, 'nameOf'>, disassembler: Disassembler, image: ImageReader, base: Va) {
    this.#symbols = symbols;
    this.#image = image;
    this.base = base;
    this.disassembler = disassembler;
    this.pointerSize = disassembler.machine === 'x86' ? 4 : 8;
    const headers = readImageHeaders(image);
    this.sections = headers instanceof ImageProblem ? [] : headers.sections;
  }

  /** The instruction at an RVA; undefined where there is none, or it is not in the dump. */
  decode(rva: number): Instruction | undefined {
    if (this.#instructions.has(rva)) return this.#instructions.get(rva);
    if (this.#instructions.size >= mostKept) this.#instructions.clear();
    const bytes = this.isCode(rva) ? this.bytes(rva, longestInstruction) : undefined;
    const found = bytes === undefined ? undefined : this.disassembler.decode(bytes, this.base + BigInt(rva));
    this.#instructions.set(rva, found);
    return found;
  }

  /** Up to `length` bytes, at most a few; undefined where not even the first is there. */
  bytes(rva: number, length: number): Uint8Array | undefined {
    const from = this.#window === undefined ? -1 : rva - this.#window.start;
    if (this.#window === undefined || from < 0 || from + length > this.#window.bytes.length) {
      const read = this.#image.tryReadRva(rva, Math.max(fetched, length));
      const bytes = read instanceof Uint8Array ? read : read.got;
      if (bytes.length === 0) return undefined;
      this.#window = { start: rva, bytes };
      return bytes.subarray(0, length);
    }
    return this.#window.bytes.subarray(from, from + length);
  }

  /** A number of 32 bits. */
  u32(rva: number): number | undefined {
    const read = rva < 0 ? undefined : this.#image.tryReadRva(rva, 4);
    return read instanceof Uint8Array && read.length === 4 ? readU32(read, 0) : undefined;
  }

  /** The address that stands at `rva`. */
  pointerAt(rva: number): Va | undefined {
    const read = rva < 0 || rva > 0xffff_ffff ? undefined : this.#image.tryReadRva(rva, this.pointerSize);
    if (!(read instanceof Uint8Array)) return undefined;
    return this.pointerSize === 8 ? readU64(read, 0) : signExtend32(readU32(read, 0));
  }

  rvaOf(va: Va): number {
    const distance = this.pointerSize === 4 ? BigInt.asIntN(32, va - this.base) : va - this.base;
    return Number(distance);
  }

  sectionAt(rva: number): ImageSection | undefined {
    return this.sections.find((section) => rva >= section.rva && rva < section.rva + section.size);
  }

  isCode(rva: number): boolean {
    return this.sectionAt(rva)?.executable === true;
  }

  /** Name of the place at an RVA, which may be outside of the image. */
  nameAt(rva: number): string | undefined {
    return this.#symbols.nameOf(wrap64(this.base + BigInt(rva)));
  }

  /** By what is in the slot; where that leads nowhere, by the image's own import table. */
  destinationAt(rva: number): Destination {
    const known = this.#destinations.get(rva) ?? this.#findDestination(rva);
    this.#destinations.set(rva, known);
    return known;
  }

  #findDestination(rva: number): Destination {
    const target = this.pointerAt(rva);
    const name = target === undefined || target === 0n ? undefined : this.#symbols.nameOf(target);
    if (name !== undefined) return { target, name };
    const imported = rva < 0 ? undefined : findImport(this.#image, rva);
    if (imported === undefined) return { target, name: undefined };
    return { target: undefined, name: `${imported.image}!${imported.name ?? `#${imported.ordinal}`}` };
  }

  /** Slots of the import address table with functions that take a tag. */
  get takerSlots(): ReadonlyMap<number, TagTaker> {
    this.#takerSlots ??= this.#findTakerSlots();
    return this.#takerSlots;
  }

  #findTakerSlots(): Map<number, TagTaker> {
    const slots = new Map<number, TagTaker>();
    for (const rva of this.#importSlots()) {
      const taker = takerOf(this.destinationAt(rva).name);
      if (taker !== undefined) slots.set(rva, taker);
    }
    return slots;
  }

  /** Variables with the helpers of control flow guard. */
  isGuard(rva: number): boolean {
    if (this.#guards === undefined) {
      const configuration = readLoadConfiguration(this.#image);
      this.#guards = new Set(configuration instanceof ImageProblem ? [] : configuration.setByLoader);
    }
    return (
      this.#guards.has(rva) || /!_?guard_(?:check|dispatch)_icall/.test(this.destinationAt(rva).name ?? '')
    );
  }

  /** Is it a driver of the driver framework, whose functions are reached through a table? */
  get drivesFramework(): boolean {
    this.#drivesFramework ??= this.imports(/!WdfVersionBind(?:Class)?$/);
    return this.#drivesFramework;
  }

  /** May its code allocate? Not where its import addresses tell all that it calls, and none of them takes a tag. */
  get mayAllocate(): boolean {
    const table = readDirectory(this.#image, DirectoryIndex.ImportAddressTable);
    return table instanceof ImageProblem || this.takerSlots.size > 0 || this.drivesFramework;
  }

  /** Does it import a function with such a name? */
  imports(name: RegExp): boolean {
    for (const rva of this.#importSlots()) if (name.test(this.destinationAt(rva).name ?? '')) return true;
    return false;
  }

  /** RVAs of the words of the import address table. */
  *#importSlots(): Generator<number> {
    const table = readDirectory(this.#image, DirectoryIndex.ImportAddressTable);
    if (table instanceof ImageProblem) return;
    const count = Math.min(mostSlots, Math.floor(table.size / this.pointerSize));
    for (let index = 0; index < count; index++) yield table.rva + index * this.pointerSize;
  }

  /** Where the function around an RVA begins, by the exception directory; undefined where that does not tell. */
  functionAround(rva: number): number | undefined {
    const directory = readExceptionDirectory(this.#image);
    if (directory instanceof ImageProblem) return undefined;
    const found = directory.findRuntimeFunction(rva);
    if (found === undefined || found instanceof ImageProblem || found.begin > rva) return undefined;
    return this.disassembler.machine === 'x64' ? this.#firstPart(found) : found.begin;
  }

  /** Does the exception directory tell that no function is there? Functions that change no registers are not listed. */
  isOutsideFunctions(rva: number): boolean {
    const directory = readExceptionDirectory(this.#image);
    return !(directory instanceof ImageProblem) && directory.findRuntimeFunction(rva) === undefined;
  }

  /** RVA behind the last function that the exception directory lists before `rva`. */
  endOfFunctionBefore(rva: number): number | undefined {
    const directory = readExceptionDirectory(this.#image);
    const end = directory instanceof ImageProblem ? undefined : directory.findBefore(rva)?.end;
    return end === undefined || end > rva ? undefined : end;
  }

  /** A part of a function that was moved away from its beginning says where the one before is. */
  #firstPart(found: RuntimeFunction): number {
    let part = found;
    for (let step = 0; step < mostParts; step++) {
      const [flags, , count] = this.bytes(part.unwindData, 4) ?? [];
      if (flags === undefined || count === undefined || ((flags >> 3) & chained) === 0) break;
      const entry = this.bytes(part.unwindData + 4 + 2 * (count + (count & 1)), runtimeFunctionSize);
      if (entry === undefined || entry.length < runtimeFunctionSize) break;
      part = decodeRuntimeFunction(entry);
    }
    return this.isCode(part.begin) ? part.begin : found.begin;
  }
}
