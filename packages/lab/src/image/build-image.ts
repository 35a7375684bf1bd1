import { assert } from '@poolscope/engine/base';
import { concatBytes, u32Bytes } from '../bytes/integers.ts';
import { BuiltImage, labelsOf } from './built-image.ts';
import { type CodePlace, codeLength, importSlot } from './code.ts';
import { debugDirectory, rsdsRecord } from './debug-directory.ts';
import { exportSection } from './exports.ts';
import type { DataSpec, FunctionSpec, ImageSpec, UnwindPlace } from './image-spec.ts';
import { type DirectoryEntry, directory, fileAlignment, headersSize, peHeaders } from './pe-headers.ts';
import { Section, sectionFlags } from './section.ts';

const firstSection = 0x1000;
const functionAlignment = 16;
/** int3 between functions of x86 and x64. */
const breakpointByte = 0xcc;

/** Lays out an image and writes its code, data, unwind tables, exports and debug record. */
export function buildImage(spec: ImageSpec): BuiltImage {
  return new ImageBuilder(spec).build();
}

class ImageBuilder {
  readonly #spec: ImageSpec;
  readonly #symbols = new Map<string, number>();
  readonly #imports = new Map<string, number>();
  readonly #directories = new Map<number, DirectoryEntry>();
  readonly #sections: Section[] = [];
  readonly #functions: { spec: FunctionSpec; rva: number; size: number }[] = [];

  constructor(spec: ImageSpec) {
    this.#spec = spec;
  }

  build(): BuiltImage {
    const text = this.#section('.text', sectionFlags.code);
    this.#placeFunctions(text);
    this.#addReadOnlyData(text);
    this.#addVariables();
    this.#addUnwindTables();
    this.#addExports();
    this.#writeCode(text);
    return this.#finish();
  }

  #section(name: string, flags: number): Section {
    const section = new Section(name, flags, this.#sections.at(-1)?.end ?? firstSection);
    this.#sections.push(section);
    return section;
  }

  #define(symbol: string, rva: number): void {
    assert(!this.#symbols.has(symbol), `${this.#spec.name} defines ${symbol} twice`);
    this.#symbols.set(symbol, rva);
  }

  #placeFunctions(text: Section): void {
    for (const spec of this.#spec.functions) {
      const size = codeLength(spec.code);
      const rva =
        spec.at === undefined ? text.reserve(size, functionAlignment) : text.reserveAt(spec.at, size);
      this.#define(spec.name, rva);
      this.#functions.push({ spec, rva, size });
    }
  }

  #addReadOnlyData(text: Section): void {
    const rdata = this.#section('.rdata', sectionFlags.readOnly);
    this.#addImportSlots(rdata);
    for (const constant of this.#spec.constants ?? []) this.#place(rdata, constant);
    const rdataFile = headersSize + text.size + (-text.size & (fileAlignment - 1));
    const record = rsdsRecord(this.#spec.pdb);
    const recordRva = rdata.add(record, 4);
    const entry = debugDirectory(this.#spec.timeDateStamp, {
      rva: recordRva,
      size: record.length,
      fileOffset: rdataFile + recordRva - rdata.rva,
    });
    this.#directories.set(directory.debug, { rva: rdata.add(entry, 4), size: entry.length });
  }

  #addImportSlots(rdata: Section): void {
    const pointer = this.#spec.architecture === 'x86' ? 4 : 8;
    const used = this.#spec.functions.flatMap(({ code }) => code.flatMap(({ imports }) => imports ?? []));
    const imported = [...new Set(used)].toSorted();
    for (const symbol of imported) {
      const rva = rdata.reserve(pointer, pointer);
      this.#imports.set(symbol, rva);
      this.#symbols.set(importSlot(symbol), rva);
    }
    if (imported.length > 0)
      this.#directories.set(directory.importAddresses, { rva: rdata.rva, size: imported.length * pointer });
  }

  #addVariables(): void {
    const data = this.#section('.data', sectionFlags.data);
    for (const variable of this.#spec.variables ?? []) this.#place(data, variable);
  }

  #place(section: Section, { name, size, bytes, alignment = 8, at }: DataSpec): void {
    const rva = at === undefined ? section.reserve(size, alignment) : section.reserveAt(at, size);
    if (bytes !== undefined) section.write(rva, bytes);
    this.#define(name, rva);
  }

  /** .pdata and .xdata; each unwind record is found again by its function's name when a moved part chains to it. */
  #addUnwindTables(): void {
    const unwound = this.#functions.filter(({ spec }) => spec.unwind !== undefined);
    if (unwound.length === 0) return;
    const entrySize = this.#spec.architecture === 'x64' ? 12 : 8;
    const pdata = this.#section('.pdata', sectionFlags.readOnly);
    pdata.reserve(unwound.length * entrySize);
    const xdata = this.#section('.xdata', sectionFlags.readOnly);
    const places = new Map<string, UnwindPlace>();
    for (const [index, { spec, rva, size }] of unwound.entries()) {
      const { encode, chainTo } = spec.unwind!;
      const unwindInfo = xdata.add(encode(chainTo === undefined ? undefined : places.get(chainTo)), 4);
      const place = { begin: rva, end: rva + size, unwindInfo };
      places.set(spec.name, place);
      pdata.write(pdata.rva + index * entrySize, this.#runtimeFunction(place));
    }
    this.#directories.set(directory.exception, { rva: pdata.rva, size: pdata.size });
  }

  /** x64: begin, end, unwind info; arm64: begin, unwind info. */
  #runtimeFunction({ begin, end, unwindInfo }: UnwindPlace): Uint8Array {
    const words = this.#spec.architecture === 'x64' ? [begin, end, unwindInfo] : [begin, unwindInfo];
    return concatBytes(words.map(u32Bytes));
  }

  #addExports(): void {
    const named = [...this.#spec.functions, ...(this.#spec.variables ?? []), ...(this.#spec.constants ?? [])];
    const exported = named.filter((symbol) => symbol.exported);
    if (exported.length === 0) return;
    const edata = this.#section('.edata', sectionFlags.readOnly);
    const symbols = exported.map(({ name }) => ({ name, rva: this.#symbols.get(name)! }));
    const bytes = exportSection(this.#spec.name, symbols, edata.rva);
    edata.add(bytes);
    this.#directories.set(directory.export, { rva: edata.rva, size: bytes.length });
  }

  #writeCode(text: Section): void {
    if (this.#spec.architecture !== 'arm64') text.bytes.fill(breakpointByte);
    const rvaOf = (symbol: string): number => {
      const rva = this.#symbols.get(symbol);
      assert(rva !== undefined, `${this.#spec.name} has no symbol ${symbol}`);
      return rva;
    };
    for (const { spec, rva: start } of this.#functions) {
      const labels = labelsOf(spec, start);
      const rvaOfAny = (symbol: string): number => labels.get(symbol) ?? rvaOf(symbol);
      let rva = start;
      for (const instruction of spec.code) {
        const place: CodePlace = { base: this.#spec.base, rva, rvaOf: rvaOfAny };
        text.write(rva, instruction.encode(place));
        rva += instruction.length;
      }
    }
  }

  #finish(): BuiltImage {
    const sizeOfImage = this.#sections.at(-1)!.end;
    const entryPoint = this.#symbols.get(this.#spec.entryPoint)!;
    const { architecture, base, timeDateStamp } = this.#spec;
    const headers = peHeaders({
      architecture,
      base,
      timeDateStamp,
      entryPoint,
      sizeOfImage,
      sections: this.#sections,
      directories: this.#directories,
    });
    return new BuiltImage(this.#spec, {
      headers,
      entryPoint,
      sizeOfImage,
      sections: this.#sections,
      symbols: this.#symbols,
      imports: this.#imports,
      exception: this.#directories.get(directory.exception),
      functionPlaces: this.#functions,
    });
  }
}
