import { DebuggerError } from '../base/index.ts';
import { FileImage } from '../pe/index.ts';
import {
  type KnownPlace,
  matchIdentity,
  matchSymbols,
  type SymbolMatch,
  SymbolRefusal,
} from './match-symbols.ts';
import type { ModuleSymbols } from './module-symbols.ts';
import { identifySymbolFile, openSymbolFile } from './open-symbol-file.ts';
import type { SymbolFile, SymbolFileKind, SymbolRequest, SymbolSource } from './symbol-source.ts';

/** A file that was looked at for a module. */
export interface TriedFile {
  readonly kind: SymbolFileKind;
  readonly location: string;
  /** How it is known to belong to the module; undefined when it does not. */
  readonly match: SymbolMatch | undefined;
  /** Why it was used or not, one plain sentence part. */
  readonly why: string;
}

/** What was found for a module, and what was not and why. */
export interface Acquisition {
  readonly request: SymbolRequest;
  readonly tried: readonly TriedFile[];
  /** What went wrong while looking, one sentence part each. */
  readonly problems: readonly string[];
}

const symbolKinds = ['pdb', 'isf', 'profile'] as const;
/** Candidates that are tried for one module. */
const maxCandidates = 64;

/**
 * Looks for files that serve a module and puts those to use that surely belong to it. The image comes first: it tells the PDB
 * where the dump does not. `places` prove a table where nothing else does. Never throws.
 */
export async function acquireSymbols(
  source: SymbolSource,
  request: SymbolRequest,
  module: ModuleSymbols,
  places: readonly KnownPlace[],
): Promise<Acquisition> {
  const search = new Search(source, request, module, places);
  await search.run();
  return { request: search.request, tried: search.tried, problems: search.problems };
}

class Search {
  request: SymbolRequest;
  readonly tried: TriedFile[] = [];
  readonly problems: string[] = [];
  readonly #source: SymbolSource;
  readonly #module: ModuleSymbols;
  readonly #places: readonly KnownPlace[];

  constructor(
    source: SymbolSource,
    request: SymbolRequest,
    module: ModuleSymbols,
    places: readonly KnownPlace[],
  ) {
    this.#source = source;
    this.request = request;
    this.#module = module;
    this.#places = places;
  }

  async run(): Promise<void> {
    await this.#findImage();
    if (this.request.pdb !== undefined)
      for (const kind of symbolKinds) {
        const file = await this.#find(kind);
        if (file !== undefined && this.#useTable(file)) return;
      }
    // Without a debug directory only the kernel's own addresses can prove anything.
    else if (this.#places.length > 0) await this.#tryCandidates();
  }

  async #findImage(): Promise<void> {
    const file = await this.#find('image');
    if (file === undefined) return;
    this.#attempt(file, () => {
      const identity = identifySymbolFile(file.source, file.location);
      if (identity?.kind !== 'image') return new SymbolRefusal('it is no image');
      const match = matchIdentity({ ...this.request, pdb: undefined }, identity);
      if (match === undefined)
        return new SymbolRefusal('the dump does not tell the time stamp of the module');
      if (match instanceof SymbolRefusal) return match;
      this.#module.useImage(new FileImage(file.source), { location: file.location, match });
      if (identity.pdb !== undefined) this.request = { ...this.request, pdb: identity.pdb };
      return match;
    });
  }

  async #tryCandidates(): Promise<void> {
    let count = 0;
    for (const kind of symbolKinds)
      try {
        for await (const file of this.#source.candidates?.(this.request, kind) ?? []) {
          if (++count > maxCandidates) return;
          if (this.#useTable(file)) return;
        }
      } catch (error) {
        this.problems.push(messageOf(error));
      }
  }

  #useTable(file: SymbolFile): boolean {
    return this.#attempt(file, () => {
      const table = openSymbolFile(file.source, file.location);
      const match = matchSymbols(this.request, table, this.#places);
      if (!(match instanceof SymbolRefusal)) this.#module.useTable(table, match);
      return match;
    });
  }

  /** Was it used? Files that cannot be read are refused with the reason. */
  #attempt({ kind, location }: SymbolFile, use: () => SymbolMatch | SymbolRefusal): boolean {
    let result: SymbolMatch | SymbolRefusal;
    try {
      result = use();
    } catch (error) {
      if (!(error instanceof DebuggerError)) throw error;
      result = new SymbolRefusal(error.message);
    }
    const isRefused = result instanceof SymbolRefusal;
    this.tried.push({
      kind,
      location,
      match: isRefused ? undefined : (result as SymbolMatch),
      why: isRefused ? (result as SymbolRefusal).reason : (result as SymbolMatch).why,
    });
    return !isRefused;
  }

  async #find(kind: SymbolFileKind): Promise<SymbolFile | undefined> {
    try {
      return await this.#source.find(this.request, kind);
    } catch (error) {
      this.problems.push(messageOf(error));
      return undefined;
    }
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
