import type { Va } from '../base/index.ts';
import {
  type ExceptionDirectory,
  ImageProblem,
  type RuntimeFunction,
  readExceptionDirectory,
} from '../pe/index.ts';
import type { ModuleSymbols } from '../symbols/index.ts';
import type { CrashedSystem } from '../system/index.ts';
import { readX64UnwindInfo } from '../unwind/index.ts';

/** A run of addresses that belongs to one function; end exclusive. */
export interface CodePart {
  readonly start: Va;
  readonly end: Va;
}

/** Where a function begins, and which addresses are its own. */
export interface FunctionExtent {
  readonly start: Va;
  /** `guess`: nothing tells where the function begins, it is taken to begin where it was asked for. */
  readonly knownBy: 'function table' | 'export' | 'guess';
  /** The part around `start` where the function table tells it. */
  readonly first: CodePart | undefined;
  /** The part of this function that holds `va`; undefined when `va` belongs to another one. */
  partAt(va: Va): CodePart | undefined;
}

/** Chains of real functions have a few parts. */
const maxChain = 32;
/** Without a function table branches are followed this far from the start. */
const reach = 0x1_0000n;
/** Longest part that is believed: the largest functions have a few hundred kilobytes. */
const maxPart = 0x10_0000;
/** Packed arm64 unwind data of a part that has no prolog of its own. */
const arm64Fragment = 2;

/** The function around `va`. */
export function findFunction(system: CrashedSystem, va: Va): FunctionExtent {
  const module = system.symbols.moduleAt(va);
  if (module === undefined) return openExtent(va, 'guess', undefined);
  const table = readExceptionDirectory(module.image);
  const entry =
    table instanceof ImageProblem ? undefined : table.findRuntimeFunction(Number(va - module.module.base));
  if (!(table instanceof ImageProblem) && entry !== undefined && !(entry instanceof ImageProblem))
    return new TableExtent(system, module, table, entry);
  const name = module.findName(Number(va - module.module.base));
  return name === undefined
    ? openExtent(va, 'guess', module)
    : openExtent(va - BigInt(name.offset), 'export', module);
}

/** A function of which only the start is known: what is near belongs to it, up to the next exported name. */
function openExtent(
  start: Va,
  knownBy: FunctionExtent['knownBy'],
  module: ModuleSymbols | undefined,
): FunctionExtent {
  const base = module?.module.base ?? 0n;
  const next = module?.findAround(Number(start - base)).after;
  const nextStart = next === undefined ? undefined : base + BigInt(next.rva);
  const last = module === undefined ? start + reach : base + BigInt(module.module.size);
  const ends = [start + reach, last, ...(nextStart === undefined ? [] : [nextStart])];
  const part = { start, end: ends.reduce((a, b) => (a < b ? a : b)) };
  return {
    start,
    knownBy,
    first: undefined,
    partAt: (va) => (va >= part.start && va < part.end ? part : undefined),
  };
}

/** A function as the exception directory knows it: a main part, and parts that were moved away from it. */
class TableExtent implements FunctionExtent {
  readonly knownBy = 'function table';
  readonly start: Va;
  readonly first: CodePart;
  readonly #system: CrashedSystem;
  readonly #module: ModuleSymbols;
  readonly #table: ExceptionDirectory;
  readonly #begin: number;

  constructor(
    system: CrashedSystem,
    module: ModuleSymbols,
    table: ExceptionDirectory,
    entry: RuntimeFunction,
  ) {
    this.#system = system;
    this.#module = module;
    this.#table = table;
    const main = this.#mainOf(entry);
    this.#begin = main.begin;
    this.first = this.#part(main);
    this.start = this.first.start;
  }

  partAt(va: Va): CodePart | undefined {
    if (va >= this.first.start && va < this.first.end) return this.first;
    if (this.#system.symbols.moduleAt(va) !== this.#module) return undefined;
    const entry = this.#table.findRuntimeFunction(Number(va - this.#module.module.base));
    if (entry === undefined || entry instanceof ImageProblem) return undefined;
    return this.#belongs(entry) ? this.#part(entry) : undefined;
  }

  #belongs(entry: RuntimeFunction): boolean {
    if (this.#system.machine === 'arm64') return (entry.unwindData & 3) === arm64Fragment;
    return this.#mainOf(entry).begin === this.#begin;
  }

  /** x64: the entry at the end of the chain of unwind information. */
  #mainOf(entry: RuntimeFunction): RuntimeFunction {
    let main = entry;
    for (let step = 0; this.#system.machine === 'x64' && step < maxChain; step++) {
      const info = readX64UnwindInfo(this.#module.image, main.unwindData);
      if (info instanceof ImageProblem || info.parent === undefined) return main;
      main = info.parent;
    }
    return main;
  }

  #part({ begin, end }: RuntimeFunction): CodePart {
    const { base } = this.#module.module;
    return { start: base + BigInt(begin), end: base + BigInt(Math.min(end, begin + maxPart)) };
  }
}
