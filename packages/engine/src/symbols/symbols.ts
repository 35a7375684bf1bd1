import type { Va } from '../base/index.ts';
import type { VirtualMemory } from '../mmu/virtual-memory.ts';
import type { FrameData } from '../pdb/index.ts';
import type { Acquisition } from './acquire-symbols.ts';
import type { KnownPlace } from './match-symbols.ts';
import { type ImageDescription, type LoadedImage, ModuleSymbols } from './module-symbols.ts';
import type { InlineSite, SourceLine, SymbolKind } from './symbol-table.ts';

/** Where an address is: in a module, behind one of its names if one is known. */
export interface Location {
  readonly module: LoadedImage;
  /** Bare name, without the module. */
  readonly name: string | undefined;
  /** Distance from the name, or from the module's base. */
  readonly offset: number;
}

/** A range that a driver had before it was unloaded. */
export interface UnloadedRange {
  readonly name: string;
  readonly start: Va;
  readonly end: Va;
}

/** Addresses that are known to hold variables, not code; end exclusive. */
export interface DataRange {
  readonly start: Va;
  readonly end: Va;
}

/** What was looked for, where, and what came of it. */
export interface SymbolSearch {
  /** As people set it. */
  readonly path: string;
  /** By the base of the module. */
  readonly acquisitions: Map<Va, Acquisition>;
}

/** Names <-> addresses over all modules of the crashed system. Also the map of code that unwinding needs. */
export class Symbols {
  readonly #modules: readonly ModuleSymbols[];
  readonly #unloaded: readonly UnloadedRange[];
  readonly #data: DataRange | undefined;
  #last: ModuleSymbols | undefined;
  /** Undefined: symbols were not looked for. */
  search: SymbolSearch | undefined;

  /** `data` serves where the section headers of an image are not in the dump. */
  constructor(
    memory: VirtualMemory,
    modules: readonly LoadedImage[],
    unloaded: readonly UnloadedRange[],
    data?: DataRange,
  ) {
    this.#data = data;
    this.#modules = modules
      .map((module) => new ModuleSymbols(module, memory))
      .sort((a, b) => (a.module.base < b.module.base ? -1 : 1));
    this.#unloaded = unloaded;
  }

  /** Gives names that the dump itself has for addresses to the modules that hold them. */
  usePlaces(places: readonly KnownPlace[]): void {
    for (const module of this.#modules) module.usePlaces(places);
  }

  /** The module that holds `va`, as unwinding wants it. */
  findModule(va: Va) {
    const found = this.#find(va);
    if (found === undefined) return undefined;
    const { base, size } = found.module;
    return {
      base,
      size,
      image: found.image,
      isExecutable: (at: Va) => found.isExecutable(Number(at - base)) ?? this.#isCodeByRange(at),
      isFunctionStart: (at: Va) => found.isNamed(Number(at - base)),
      frameDataAt: (rva: number) => found.frameDataAt(rva),
    };
  }

  locate(va: Va): Location | undefined {
    const found = this.#find(va);
    if (found === undefined) return undefined;
    const rva = Number(va - found.module.base);
    const name = found.findName(rva);
    return { module: found.module, name: name?.name, offset: name?.offset ?? rva };
  }

  /**
   * `nt!KeBugCheckEx` or `nt`, by what the dump itself holds, without files of symbols and without the offset: the same
   * for the same dump everywhere.
   */
  placeInDump(va: Va): string | undefined {
    const found = this.#find(va);
    if (found === undefined) return undefined;
    const name = found.withoutFiles.findName(Number(va - found.module.base));
    return name === undefined ? found.module.name : `${found.module.name}!${name.name}`;
  }

  /** `nt!KeBugCheckEx+0x10`, `nt+0x3f0`, `<Unloaded_x.sys>+0x10`; undefined outside of all modules. */
  nameOf(va: Va): string | undefined {
    const location = this.locate(va);
    if (location === undefined) return this.#unloadedName(va);
    const { module, name, offset } = location;
    const base = name === undefined ? module.name : `${module.name}!${name}`;
    return offset === 0 ? base : `${base}+0x${offset.toString(16)}`;
  }

  /** Functions inlined at `va`, the innermost first: `nt!KzAcquireQueuedSpinLock`. */
  inlinesAt(va: Va): readonly InlineSite[] {
    const found = this.#find(va);
    if (found === undefined) return [];
    const { base, name: module } = found.module;
    return found.inlinesAt(Number(va - base)).map((site) => ({ ...site, name: `${module}!${site.name}` }));
  }

  /** The source line of the code at `va`. */
  lineAt(va: Va): SourceLine | undefined {
    const found = this.#find(va);
    return found?.lineAt(Number(va - found.module.base));
  }

  /** How the x86 code at `va` uses its stack. */
  frameDataAt(va: Va): FrameData | undefined {
    const found = this.#find(va);
    return found?.frameDataAt(Number(va - found.module.base));
  }

  /** Address of `module!name`, of a module by its name, or of `name` in nt and then in the others. */
  findAddress(text: string): Va | undefined {
    const bang = text.indexOf('!');
    if (bang >= 0) return this.#addressIn(this.#byName(text.slice(0, bang)), text.slice(bang + 1));
    const module = this.#byName(text);
    if (module !== undefined) return module.module.base;
    const nt = this.#byName('nt');
    for (const each of nt === undefined ? this.#modules : [nt, ...this.#modules]) {
      const address = this.#addressIn(each, text);
      if (address !== undefined) return address;
    }
    return undefined;
  }

  /** Which kind of symbols the module at `base` has. */
  kindOf(base: Va): SymbolKind {
    return this.#find(base)?.kind ?? 'none';
  }

  /** All modules by their addresses. */
  get modules(): readonly ModuleSymbols[] {
    return this.#modules;
  }

  /** Names, sections and image of the module that holds `va`. */
  moduleAt(va: Va): ModuleSymbols | undefined {
    return this.#find(va);
  }

  describeImage(base: Va): ImageDescription | undefined {
    return this.#find(base)?.describe();
  }

  /** Names of modules, and names in a module, for completion. */
  *names(moduleName?: string): Iterable<string> {
    if (moduleName === undefined) for (const { module } of this.#modules) yield module.name;
    else yield* this.#byName(moduleName)?.names() ?? [];
  }

  #isCodeByRange(va: Va): boolean | undefined {
    return this.#data !== undefined && va >= this.#data.start && va < this.#data.end ? false : undefined;
  }

  #byName(name: string): ModuleSymbols | undefined {
    return this.#modules.find(({ module }) => module.name.toLowerCase() === name.toLowerCase());
  }

  #addressIn(module: ModuleSymbols | undefined, name: string): Va | undefined {
    const rva = module?.findRva(name);
    return module === undefined || rva === undefined ? undefined : module.module.base + BigInt(rva);
  }

  #unloadedName(va: Va): string | undefined {
    const found = this.#unloaded.find(({ start, end }) => va >= start && va < end);
    return found === undefined ? undefined : `<Unloaded_${found.name}>+0x${(va - found.start).toString(16)}`;
  }

  #find(va: Va): ModuleSymbols | undefined {
    const last = this.#last;
    if (last !== undefined && contains(last, va)) return last;
    let low = 0;
    let high = this.#modules.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#modules[middle]!.module.base <= va) low = middle + 1;
      else high = middle;
    }
    const found = this.#modules[low - 1];
    if (found === undefined || !contains(found, va)) return undefined;
    this.#last = found;
    return found;
  }
}

const contains = ({ module }: ModuleSymbols, va: Va): boolean =>
  va >= module.base && va < module.base + BigInt(module.size);
