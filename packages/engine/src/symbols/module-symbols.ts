import type { Va } from '../base/index.ts';
import type { VirtualMemory } from '../mmu/virtual-memory.ts';
import {
  type ExportedSymbol,
  type ExportTable,
  ImageProblem,
  type ImageSection,
  MappedImage,
  readDebugDirectory,
  readExceptionDirectory,
  readExports,
  readImageHeaders,
  readVersionInfo,
} from '../pe/index.ts';
import { isOneFunction } from './function-bounds.ts';

/** What the names of a module's code come from. */
export type SymbolKind = 'exports' | 'none';

/** A loaded image as far as naming its addresses goes. */
export interface LoadedImage {
  readonly name: string;
  readonly base: Va;
  /** Bytes in memory. */
  readonly size: number;
}

/** What an image's own tables say about it. */
export interface ImageDescription {
  readonly pdb: { readonly name: string; readonly guid: string; readonly age: number } | undefined;
  /** Is the time stamp a hash? Undefined where the debug directory is not in the dump. */
  readonly timestampIsHash: boolean | undefined;
  readonly fileVersion: string | undefined;
}

/** Without a function table an export names what follows it at most this far. */
const nearExport = 0x1000;

/** Names, bounds and sections of one module, read from its image in the dump when first asked for. */
export class ModuleSymbols {
  readonly module: LoadedImage;
  readonly image: MappedImage;
  #exports: ExportTable | undefined | null = null;
  #sections: readonly ImageSection[] | undefined | null = null;
  #isHash: { readonly value: boolean | undefined } | undefined;

  constructor(module: LoadedImage, memory: VirtualMemory) {
    this.module = module;
    this.image = new MappedImage(memory, module.base, module.size);
  }

  get kind(): SymbolKind {
    return this.exports === undefined || this.exports.isEmpty ? 'none' : 'exports';
  }

  /** Is `rva` in a section with code? Undefined where the section headers are not in the dump. */
  isExecutable(rva: number): boolean | undefined {
    if (this.#sections === null) {
      const headers = readImageHeaders(this.image);
      this.#sections =
        headers instanceof ImageProblem || headers.missingSections > 0 ? undefined : headers.sections;
    }
    return this.#sections?.some(
      (section) => section.executable && rva >= section.rva && rva < section.rva + section.size,
    );
  }

  /**
   * Export at or before `rva`, and the distance from it. Code is named only inside the export's own function: by the
   * image's function table, or where there is none by its bytes. Data is named up to a page behind an export.
   */
  findName(rva: number): { readonly name: string; readonly offset: number } | undefined {
    const found = this.exports?.findNearest(rva);
    if (found?.name === undefined) return undefined;
    const offset = rva - found.rva;
    if (offset === 0 || this.#isSameFunction(found.rva, rva, offset)) return { name: found.name, offset };
    return undefined;
  }

  #isSameFunction(start: number, rva: number, offset: number): boolean {
    const table = readExceptionDirectory(this.image);
    const bounds = table instanceof ImageProblem ? table : table.findRuntimeFunction(rva);
    if (bounds !== undefined && !(bounds instanceof ImageProblem)) return bounds.begin <= start;
    if (offset >= nearExport || this.isExecutable(start) !== this.isExecutable(rva)) return false;
    return this.isExecutable(rva) === false || isOneFunction(this.image.tryReadRva(start, offset));
  }

  /** RVA of an exported name. */
  findRva(name: string): number | undefined {
    const symbol = this.exports?.findName(name);
    return symbol === undefined || symbol.forwarder !== undefined ? undefined : symbol.rva;
  }

  /** Exported names in order of address, for completion and patterns. */
  *names(): Iterable<string> {
    for (const { name } of this.exports?.symbols ?? []) if (name !== undefined) yield name;
  }

  describe(): ImageDescription {
    const debug = readDebugDirectory(this.image);
    const version = readVersionInfo(this.image);
    const codeView = debug instanceof ImageProblem ? undefined : debug.codeView;
    return {
      pdb:
        codeView === undefined
          ? undefined
          : { name: codeView.pdbName, guid: codeView.guid, age: codeView.age },
      timestampIsHash: this.timestampIsHash,
      fileVersion: version instanceof ImageProblem ? undefined : version.fileVersion,
    };
  }

  /** Is the time stamp a hash? Undefined where the debug directory is not in the dump. */
  get timestampIsHash(): boolean | undefined {
    this.#isHash ??= { value: isHash(readDebugDirectory(this.image)) };
    return this.#isHash.value;
  }

  /** The exports around `rva`, and whether the byte there surely belongs to the one before it. */
  findAround(rva: number): {
    readonly before: readonly ExportedSymbol[];
    readonly after?: ExportedSymbol;
    readonly isInside: boolean;
  } {
    const around = this.exports?.findAround(rva) ?? { before: [] };
    return { ...around, isInside: this.findName(rva) !== undefined };
  }

  get exports(): ExportTable | undefined {
    if (this.#exports === null) {
      const table = readExports(this.image);
      this.#exports = table instanceof ImageProblem ? undefined : table;
    }
    return this.#exports;
  }
}

/** An image without a debug directory is surely no reproducible build. */
function isHash(debug: ReturnType<typeof readDebugDirectory>): boolean | undefined {
  if (debug instanceof ImageProblem) return debug.kind === 'no-directory' ? false : undefined;
  return debug.timestampIsHash ? true : debug.partial ? undefined : false;
}
