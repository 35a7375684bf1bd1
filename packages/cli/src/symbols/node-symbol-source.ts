import {
  DebuggerError,
  type SymbolFile,
  type SymbolFileKind,
  type SymbolRequest,
  type SymbolSource,
} from '@poolscope/engine';
import { LocalFolder } from './local-folder.ts';
import type { Reporter } from './reporter.ts';
import { type Attempt, problemText, SearchLog } from './search-log.ts';
import { StoreChain } from './store-chain.ts';
import { type StoreKey, storeKeys } from './store-key.ts';
import { type OpenedFile, openSymbolBytes, reasonOf } from './symbol-bytes.ts';
import { type PathElement, pathText } from './symbol-path.ts';
import { type ServerOptions, SymbolServer } from './symbol-server.ts';
import type { Wanted } from './wanted.ts';

export interface SourceOptions {
  readonly elements: readonly PathElement[];
  /** Folders where images are, besides. */
  readonly imageFolders?: readonly string[];
  readonly reporter: Reporter;
  /** Which modules servers are asked for: unless given the kernel and those on the stack. */
  readonly isFetched?: (request: SymbolRequest) => boolean;
  /** Ask no server at all. */
  readonly isOffline?: boolean;
  readonly server?: ServerOptions;
  readonly onAttempt?: (module: string, attempt: Attempt) => void;
}

/**
 * Symbols in folders, stores and on servers, in the order of a symbol path. Serves one dump after the other: `close` frees
 * the files of one, and keeps what is known of folders and servers.
 */
export class NodeSymbolSource implements SymbolSource {
  readonly path: string;
  readonly log: SearchLog;
  readonly #options: SourceOptions;
  readonly #places: readonly (LocalFolder | StoreChain)[];
  readonly #imagePlaces: readonly LocalFolder[];
  readonly #servers = new Map<string, SymbolServer>();
  readonly #opened: OpenedFile[] = [];
  readonly #found = new Map<string, Promise<OpenedFile | undefined>>();

  constructor(options: SourceOptions) {
    this.#options = options;
    this.path = pathText(options.elements);
    this.log = new SearchLog(options.onAttempt);
    const folder = (path: string) => new LocalFolder(path, (text) => options.reporter.problem(text));
    this.#places = options.elements.map((element) =>
      element.kind === 'folder' ? folder(element.path) : this.#chain(element.places),
    );
    this.#imagePlaces = (options.imageFolders ?? []).map(folder);
  }

  /** Throws SYMBOLS_UNREADABLE where a file was there or a server asked, but nothing came of it. */
  async find(request: SymbolRequest, kind: SymbolFileKind): Promise<SymbolFile | undefined> {
    const found = await this.#findOnce(request, kind);
    if (found !== undefined) return { kind, location: found.path, source: found.source };
    const attempts = this.log.of(request.module).filter((attempt) => attempt.kind === kind);
    const problem = attempts.map(problemText).find((text) => text !== undefined);
    if (problem !== undefined) throw new DebuggerError('SYMBOLS_UNREADABLE', problem);
    return undefined;
  }

  async *candidates(request: SymbolRequest, kind: SymbolFileKind): AsyncGenerator<SymbolFile> {
    for (const place of this.#places) {
      if (!(place instanceof LocalFolder)) continue;
      for await (const path of place.candidates(request, kind)) {
        const file = await this.#open(path, request, kind);
        if (file !== undefined) yield { kind, location: path, source: file.source };
      }
    }
  }

  /** Paths and addresses where a file for the request would be found, of each place that keeps files by keys. */
  placesFor(request: SymbolRequest, kind: SymbolFileKind): string[] {
    const [key] = storeKeys(request, kind);
    if (key === undefined) return [];
    return this.#places.map((place) => place.placeFor(key)).filter((path) => path !== undefined);
  }

  close(): void {
    for (const file of this.#opened.splice(0)) file.close();
    this.#found.clear();
    this.log.clear();
  }

  #chain(places: ConstructorParameters<typeof StoreChain>[0]): StoreChain {
    return new StoreChain(places, {
      reporter: this.#options.reporter,
      server: (url) => this.#server(url),
      whyNotFetched: (wanted) => this.#whyNotFetched(wanted),
    });
  }

  /** One a server, however often the path names it. */
  #server(url: string): SymbolServer {
    let server = this.#servers.get(url);
    if (server === undefined) {
      server = new SymbolServer(url, this.#options.reporter, this.#options.server);
      this.#servers.set(url, server);
    }
    return server;
  }

  #whyNotFetched({ request, kind }: Wanted): string | undefined {
    if (this.#options.isOffline === true) return 'servers are not asked here';
    if (kind === 'image' && request.pdb !== undefined) return 'the dump holds what is needed of the image';
    const isNeeded = this.#options.isFetched?.(request) ?? request.need !== 'loaded';
    return isNeeded ? undefined : 'servers are asked for what the stack needs only';
  }

  #findOnce(request: SymbolRequest, kind: SymbolFileKind): Promise<OpenedFile | undefined> {
    const id = [request.base, kind, request.need, request.pdb?.guid, request.pdb?.age].join(' ');
    let found = this.#found.get(id);
    if (found === undefined) {
      found = this.#findAnywhere(request, kind);
      this.#found.set(id, found);
    }
    return found;
  }

  async #findAnywhere(request: SymbolRequest, kind: SymbolFileKind): Promise<OpenedFile | undefined> {
    const keys: readonly (StoreKey | undefined)[] = storeKeys(request, kind);
    const places = kind === 'image' ? [...this.#places, ...this.#imagePlaces] : this.#places;
    for (const key of keys.length === 0 ? [undefined] : keys) {
      for (const place of places) {
        const found = await place.find({ request, kind, key, log: this.log });
        if (found !== undefined) return this.#keep(found);
      }
    }
    return undefined;
  }

  async #open(path: string, request: SymbolRequest, kind: SymbolFileKind): Promise<OpenedFile | undefined> {
    try {
      return this.#keep(await openSymbolBytes(path));
    } catch (error) {
      this.log.add(request, { kind, where: path, outcome: 'failed', why: reasonOf(error) });
      return undefined;
    }
  }

  #keep(file: OpenedFile): OpenedFile {
    this.#opened.push(file);
    return file;
  }
}
