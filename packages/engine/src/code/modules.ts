import type { Va } from '../base/index.ts';
import { wildcardMatcher } from '../expr/index.ts';
import {
  type DebugDirectory,
  type ImageHeaders,
  type ImageProblem,
  readDebugDirectory,
  readImageHeaders,
  readVersionInfo,
  type VersionInfo,
} from '../pe/index.ts';
import type { SymbolKind } from '../symbols/index.ts';
import type { CrashedSystem } from '../system/index.ts';
import type { Module, UnloadedModule } from '../windows/index.ts';

/** A loaded module as `lm` shows it. */
export interface ListedModule extends Module {
  /** First address behind it. */
  readonly end: Va;
  /** Where the names of its code come from. */
  readonly symbols: SymbolKind;
  /** The file of symbols, where there is one. */
  readonly symbolFile: string | undefined;
  /** How many of its names the dump's header and debugger data give. */
  readonly namesOfDump: number;
  /** Do the symbols tell functions of their own, and lines? */
  readonly hasPrivateSymbols: boolean;
}

/** Loaded and unloaded images, as `lm` lists them. */
export interface ModuleList {
  readonly modules: readonly ListedModule[];
  readonly unloaded: readonly UnloadedModule[];
}

/** Which modules are wanted: those that fit everything that is given. */
export interface ModuleSelection {
  /** Only the module that holds this address. */
  readonly address?: Va;
  /** Only modules whose names match, by the debugger's wildcards. */
  readonly name?: string;
  /** Only modules whose image paths match. */
  readonly path?: string;
  /** Only modules whose symbols are of this kind, or that have any. */
  readonly symbols?: SymbolKind | 'any';
  /** By name instead of by address. */
  readonly sortByName?: boolean;
}

/** The loaded modules of a dump and those that were unloaded before, newest first. */
export function listModules(system: CrashedSystem, selection: ModuleSelection = {}): ModuleList {
  const { address, name, path, symbols, sortByName = false } = selection;
  const nameFits = name === undefined ? () => true : wildcardMatcher(name);
  const pathFits = path === undefined ? () => true : wildcardMatcher(path);
  const holds = (start: Va, end: Va) => address === undefined || (address >= start && address < end);
  const modules = system.modules
    .filter(
      (module) =>
        holds(module.base, module.base + BigInt(module.size)) &&
        nameFits(module.name) &&
        pathFits(module.path),
    )
    .map((module) => listed(system, module))
    .filter((module) => isOfKind(module.symbols, symbols))
    .sort(sortByName ? byName : byAddress);
  const unloaded = system.unloadedModules.filter(
    (module) => holds(module.start, module.end) && nameFits(module.name) && pathFits(module.name),
  );
  return { modules, unloaded };
}

const isOfKind = (kind: SymbolKind, wanted: ModuleSelection['symbols']): boolean =>
  wanted === undefined || (wanted === 'any' ? kind !== 'none' : kind === wanted);

function listed(system: CrashedSystem, module: Module): ListedModule {
  const names = system.symbols.moduleAt(module.base);
  const table = names?.table;
  return {
    ...module,
    end: module.base + BigInt(module.size),
    symbols: system.symbols.kindOf(module.base),
    symbolFile: table?.location,
    namesOfDump: names?.namesOfDump ?? 0,
    hasPrivateSymbols: table?.isPrivate ?? false,
  };
}

const byAddress = (a: Module, b: Module): number => (a.base < b.base ? -1 : 1);
const byName = (a: Module, b: Module): number => {
  const [first, second] = [a.name.toLowerCase(), b.name.toLowerCase()];
  return first < second ? -1 : first > second ? 1 : byAddress(a, b);
};

/** What the tables of an image in memory say; each part or why it is not known. */
export interface ImageTables {
  readonly module: Module;
  readonly headers: ImageHeaders | ImageProblem;
  readonly debug: DebugDirectory | ImageProblem;
  readonly version: VersionInfo | ImageProblem;
  /** Is the time stamp a hash? Undefined where the debug directory is not in the dump. */
  readonly timestampIsHash: boolean | undefined;
}

/** The tables of the module that holds `va`; undefined outside of all modules. */
export function imageTables(system: CrashedSystem, va: Va): ImageTables | undefined {
  const found = system.symbols.moduleAt(va);
  const module = system.modules.find(({ base }) => base === found?.module.base);
  if (found === undefined || module === undefined) return undefined;
  return {
    module,
    headers: readImageHeaders(found.image),
    debug: readDebugDirectory(found.image),
    version: readVersionInfo(found.image),
    timestampIsHash: found.timestampIsHash,
  };
}

/** The module of this name, in capitals or not. */
export const moduleNamed = (system: CrashedSystem, name: string): Module | undefined =>
  system.modules.find((module) => module.name.toLowerCase() === name.toLowerCase());
