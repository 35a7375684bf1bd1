import { systemReason } from '../io/system-reason.ts';
import { CacheFolder } from './cache-folder.ts';
import type { Reporter } from './reporter.ts';
import { openChecked, StoreFolder } from './store-folder.ts';
import type { StoreKey } from './store-key.ts';
import { type OpenedFile, openSymbolBytes } from './symbol-bytes.ts';
import type { StorePlace } from './symbol-path.ts';
import type { SymbolServer } from './symbol-server.ts';
import type { Wanted } from './wanted.ts';

export interface ChainOptions {
  readonly reporter: Reporter;
  readonly server: (url: string) => SymbolServer;
  /** Why a server is not asked for a module; undefined where it is. */
  readonly whyNotFetched: (wanted: Wanted) => string | undefined;
}

type Link = { readonly folder: CacheFolder; readonly store: StoreFolder } | { readonly server: SymbolServer };

/** Stores of one element of a symbol path, nearest first: what a later one has is copied into those before it. */
export class StoreChain {
  readonly #links: readonly Link[];
  readonly #options: ChainOptions;

  constructor(places: readonly StorePlace[], options: ChainOptions) {
    this.#options = options;
    this.#links = places.map((place) => {
      if (place.kind === 'server') return { server: options.server(place.url) };
      const store = new StoreFolder(place.path);
      return { store, folder: new CacheFolder(store) };
    });
  }

  async find(wanted: Wanted): Promise<OpenedFile | undefined> {
    const { key } = wanted;
    if (key === undefined) return undefined;
    const before: CacheFolder[] = [];
    for (const link of this.#links) {
      if ('server' in link) return this.#fetch(link.server, wanted, key, before);
      const found = await link.store.find(wanted);
      if (found !== undefined) return before.length === 0 ? found : this.#bringNear(found, key, before);
      before.unshift(link.folder);
    }
    return undefined;
  }

  /** Where the last server of the chain would have a file, or else its first folder. */
  placeFor(key: StoreKey): string | undefined {
    const last = this.#links.at(-1);
    if (last === undefined) return undefined;
    return 'server' in last ? last.server.addressOf(key) : last.store.pathOf(key);
  }

  /** `caches`: the nearest to the server first. */
  async #fetch(
    server: SymbolServer,
    wanted: Wanted,
    key: StoreKey,
    [cache, ...farther]: readonly CacheFolder[],
  ): Promise<OpenedFile | undefined> {
    const { request, kind, log } = wanted;
    const why = this.#options.whyNotFetched(wanted);
    if (cache === undefined || why !== undefined) {
      log.add(request, { kind, where: server.addressOf(key), outcome: 'skipped', why: why ?? 'no cache' });
      return undefined;
    }
    const path = await server.fetch(wanted, key, cache);
    const opened = path === undefined ? undefined : await openChecked(path, wanted);
    return opened === undefined ? undefined : this.#bringNear(opened, key, farther);
  }

  /** The nearest copy of a file; a store that cannot be written to is passed over. */
  async #bringNear(file: OpenedFile, key: StoreKey, caches: readonly CacheFolder[]): Promise<OpenedFile> {
    let nearest = file;
    for (const cache of caches) {
      try {
        const copy = await openSymbolBytes(cache.copyOf(nearest.source, key));
        nearest.close();
        nearest = copy;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
        this.#options.reporter.problem(`${cache.path} cannot be written: ${systemReason(error)}`);
      }
    }
    return nearest;
  }
}
