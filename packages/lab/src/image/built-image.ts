import { assert, pageSize, type Va } from '@poolscope/engine/base';
import { concatBytes } from '../bytes/integers.ts';
import { anyFunction, type Instruction } from './code.ts';
import type { FunctionSpec, ImageSpec } from './image-spec.ts';
import { checkSumOffset, fileAlignment } from './pe-headers.ts';
import type { Section } from './section.ts';

/** A function at its place. */
export class PlacedFunction<Step = unknown> {
  readonly image: BuiltImage;
  readonly spec: FunctionSpec<Step>;
  readonly rva: number;
  readonly size: number;

  constructor(image: BuiltImage, spec: FunctionSpec<Step>, rva: number, size: number) {
    this.image = image;
    this.spec = spec;
    this.rva = rva;
    this.size = size;
  }

  /** `module!name`. */
  get symbol(): string {
    return `${this.image.spec.module}!${this.spec.name}`;
  }

  get address(): Va {
    return this.image.spec.base + BigInt(this.rva);
  }

  /** Address after the instruction that calls `callee` (given as the code names it), or after the first indirect call. */
  returnFrom(callee: string): Va {
    const direct = this.spec.code.some(({ calls }) => calls === callee);
    const wanted = direct ? callee : anyFunction;
    const { at, instruction } = this.#find(({ calls }) => calls === wanted, `no call of ${callee}`);
    return this.address + BigInt(at + instruction.length);
  }

  /** Address of a label. */
  mark(name: string): Va {
    return this.address + BigInt(this.#find((candidate) => candidate.mark === name, `no mark ${name}`).at);
  }

  #find(
    wanted: (instruction: Instruction) => boolean,
    message: string,
  ): { at: number; instruction: Instruction } {
    let at = 0;
    for (const instruction of this.spec.code) {
      if (wanted(instruction)) return { at, instruction };
      at += instruction.length;
    }
    throw new Error(`${this.symbol}: ${message}`);
  }
}

/** Offsets of a function's labels in its image. */
export function labelsOf(spec: FunctionSpec, rva: number): ReadonlyMap<string, number> {
  if (!spec.code.some(({ mark }) => mark !== undefined)) return noLabels;
  const labels = new Map<string, number>();
  let at = rva;
  for (const instruction of spec.code) {
    if (instruction.mark !== undefined) labels.set(instruction.mark, at);
    at += instruction.length;
  }
  return labels;
}

const noLabels: ReadonlyMap<string, number> = new Map();

/** What the image builder hands over. */
export interface ImageParts {
  readonly headers: Uint8Array;
  readonly sections: readonly Section[];
  readonly symbols: ReadonlyMap<string, number>;
  /** Import slots by `module!name`. */
  readonly imports: ReadonlyMap<string, number>;
  readonly exception: { readonly rva: number; readonly size: number } | undefined;
  readonly functionPlaces: readonly { spec: FunctionSpec; rva: number; size: number }[];
  readonly entryPoint: number;
  readonly sizeOfImage: number;
}

/** A finished image: the bytes that the loader maps, and where everything is. */
export class BuiltImage {
  readonly spec: ImageSpec;
  readonly #parts: ImageParts;
  readonly #functions: ReadonlyMap<string, PlacedFunction>;
  /** As the header says it: sum of the file form. */
  readonly checkSum: number;

  constructor(spec: ImageSpec, parts: ImageParts) {
    this.spec = spec;
    this.#parts = parts;
    this.#functions = new Map(
      parts.functionPlaces.map((place) => [
        place.spec.name,
        new PlacedFunction(this, place.spec, place.rva, place.size),
      ]),
    );
    this.checkSum = peCheckSum(this.fileBytes(0));
  }

  get size(): number {
    return this.#parts.sizeOfImage;
  }

  get entryPoint(): Va {
    return this.spec.base + BigInt(this.#parts.entryPoint);
  }

  get exception(): { readonly rva: number; readonly size: number } | undefined {
    return this.#parts.exception;
  }

  get sections(): readonly Section[] {
    return this.#parts.sections;
  }

  get imports(): ReadonlyMap<string, number> {
    return this.#parts.imports;
  }

  /** Offsets of functions and variables. */
  get symbols(): ReadonlyMap<string, number> {
    return this.#parts.symbols;
  }

  function(name: string): PlacedFunction {
    const found = this.#functions.get(name);
    assert(found !== undefined, `${this.spec.name} has no function ${name}`);
    return found;
  }

  get functions(): Iterable<PlacedFunction> {
    return this.#functions.values();
  }

  /** Address of a function or variable. */
  address(name: string): Va {
    const rva = this.symbols.get(name);
    assert(rva !== undefined, `${this.spec.name} has no symbol ${name}`);
    return this.spec.base + BigInt(rva);
  }

  /** The image as the loader maps it: sections at their addresses. */
  mappedBytes(): Uint8Array {
    const bytes = new Uint8Array(this.size);
    bytes.set(this.#headerBytes(this.checkSum));
    for (const section of this.sections) bytes.set(section.bytes, section.rva);
    return bytes;
  }

  /** The image as a file, for symbol stores and loaders. */
  fileBytes(checkSum = this.checkSum): Uint8Array {
    const parts = [this.#headerBytes(checkSum)];
    for (const { bytes } of this.sections)
      parts.push(bytes, new Uint8Array(-bytes.length & (fileAlignment - 1)));
    return concatBytes(parts);
  }

  #headerBytes(checkSum: number): Uint8Array {
    const bytes = this.#parts.headers.slice();
    new DataView(bytes.buffer).setUint32(checkSumOffset, checkSum, true);
    return bytes;
  }

  /** Access rights of each page, for the page tables. */
  *pages(): Generator<{ rva: number; writable: boolean; executable: boolean }> {
    yield { rva: 0, writable: false, executable: false };
    for (const { rva, end, flags } of this.sections)
      for (let at = rva; at < end; at += pageSize)
        yield { rva: at, writable: (flags & 0x8000_0000) !== 0, executable: (flags & 0x2000_0000) !== 0 };
  }
}

/** Sum of 16-bit words with end-around carry, plus the file's length. Source: the PE format. */
function peCheckSum(file: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at + 1 < file.length; at += 2) {
    sum += file[at]! | (file[at + 1]! << 8);
    sum = (sum & 0xffff) + (sum >>> 16);
  }
  return sum + file.length;
}
