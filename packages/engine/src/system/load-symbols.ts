import type { Va } from '../base/index.ts';
import type { Disassembler } from '../disasm/index.ts';
import { builtInKernels, type KernelPlaces } from '../layouts/index.ts';
import {
  type Acquisition,
  BuiltInTable,
  matchSymbols,
  SymbolRefusal,
  type SymbolRequest,
  type SymbolSource,
} from '../symbols/index.ts';
import type { Module, Target } from '../windows/index.ts';
import { CrashedSystem } from './crashed-system.ts';
import { knownPlaces } from './known-places.ts';
import { readSystemParts, type SystemParts } from './system-parts.ts';

/** New symbols may lead the stack into more modules: so often it is followed anew. */
const maxRounds = 4;

/** Reads the crashed machine, with the symbols that a source has. */
export async function readSystem(
  target: Target,
  disassembler: Disassembler | undefined,
  source?: SymbolSource,
): Promise<CrashedSystem> {
  const parts = readSystemParts(target);
  if (source !== undefined) await loadKernelSymbols(target, parts, source);
  useBuiltInSymbols(target, parts);
  const system = new CrashedSystem(target, disassembler, parts);
  if (source !== undefined) await loadModuleSymbols(system, source);
  return system;
}

/** Looks for the symbols of one module anew, wherever it is needed; not of the kernel, by which everything is read. */
export async function loadSymbolsOf(
  system: CrashedSystem,
  module: Module,
  source: SymbolSource,
): Promise<Acquisition> {
  const { symbols, target } = system;
  symbols.search = { path: source.path, acquisitions: symbols.search?.acquisitions ?? new Map() };
  return load(target, system, source, module, 'stack');
}

/** What would be asked of a source of symbols for a module. */
export function symbolRequest(
  { target, symbols }: Pick<SystemParts, 'symbols'> & { readonly target: Target },
  module: Module,
  need: SymbolRequest['need'],
): SymbolRequest {
  return {
    module: module.name,
    base: module.base,
    image: module.image,
    machine: target.machine,
    timestamp: module.timeDateStamp,
    size: module.size,
    pdb: symbols.describeImage(module.base)?.pdb,
    need,
  };
}

/** Loads symbols into the parts of a system: first the kernel's, which its structures are read by. */
async function loadKernelSymbols(target: Target, parts: SystemParts, source: SymbolSource): Promise<void> {
  parts.symbols.search = { path: source.path, acquisitions: new Map() };
  const kernel = parts.modules.find(({ name }) => name === 'nt');
  if (kernel !== undefined) await load(target, parts, source, kernel, 'kernel');
}

/** Where no file gave names to the kernel: those that are built in, if they surely belong to this very image. */
export function useBuiltInSymbols(
  target: Target,
  parts: SystemParts,
  kernels: readonly KernelPlaces[] = builtInKernels,
): void {
  const kernel = parts.modules.find(({ name }) => name === 'nt');
  const own = kernel === undefined ? undefined : parts.symbols.moduleAt(kernel.base);
  if (kernel === undefined || own === undefined || own.table !== undefined) return;
  // An image's file that was found tells the PDB where the dump does not.
  const asked = parts.symbols.search?.acquisitions.get(kernel.base)?.request;
  const request = asked ?? symbolRequest({ target, symbols: parts.symbols }, kernel, 'kernel');
  const places = knownPlaces(target, parts.data?.value);
  for (const each of kernels) {
    const table = new BuiltInTable(each);
    const match = matchSymbols(request, table, places);
    if (!(match instanceof SymbolRefusal)) return own.useTable(table, match);
  }
}

/** Then those of the modules on the crash's stack, and last of all others. */
async function loadModuleSymbols(system: CrashedSystem, source: SymbolSource): Promise<void> {
  const { target, modules } = system;
  const isNew = ({ base }: Module) => system.symbols.search?.acquisitions.has(base) === false;
  for (let round = 0; round < maxRounds; round++) {
    const onStack = modulesOnStack(system);
    const wanted = modules.filter((module) => isNew(module) && onStack.has(module.base));
    if (wanted.length === 0) break;
    for (const module of wanted) await load(target, system, source, module, 'stack');
  }
  for (const module of modules) if (isNew(module)) await load(target, system, source, module, 'loaded');
}

async function load(
  target: Target,
  parts: Pick<SystemParts, 'data' | 'symbols'>,
  source: SymbolSource,
  module: Module,
  need: SymbolRequest['need'],
): Promise<Acquisition> {
  const request = symbolRequest({ target, symbols: parts.symbols }, module, need);
  const places = need === 'kernel' ? knownPlaces(target, parts.data?.value) : [];
  // Readers of symbol files are loaded where there are such files.
  const { acquireSymbols } = await import('../symbols/acquire-symbols.ts');
  const found: Acquisition = await acquireSymbols(
    source,
    request,
    parts.symbols.moduleAt(module.base)!,
    places,
  );
  parts.symbols.search?.acquisitions.set(module.base, found);
  return found;
}

function modulesOnStack(system: CrashedSystem): Set<Va> {
  const starts = [system.start?.registers, system.defaultScope?.registers];
  const bases = starts.flatMap((registers) =>
    registers === undefined
      ? []
      : system.stackFrom(registers).map(({ ip }) => system.symbols.moduleAt(ip)?.module.base),
  );
  return new Set(bases.filter((base) => base !== undefined));
}
