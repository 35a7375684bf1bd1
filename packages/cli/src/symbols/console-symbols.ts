import type { HostSymbols, OpenedSymbols, SymbolSource } from '@poolscope/engine';
import { NodeSymbolSource, type SourceOptions } from './node-symbol-source.ts';
import { type PlaceOptions, readPath, type SymbolFlags, symbolPlaces } from './symbol-options.ts';
import { pathText } from './symbol-path.ts';

/** Where a console looks for symbols: first as its options and the environment say, then as `.sympath` does. */
export class ConsoleSymbols implements HostSymbols {
  readonly #options: PlaceOptions;
  readonly #opened = new Set<OpenedSymbols>();
  #places: SourceOptions;

  constructor(flags: SymbolFlags, options: PlaceOptions = {}) {
    this.#options = options;
    this.#places = symbolPlaces(flags, options);
  }

  get path(): string {
    return pathText(this.#places.elements);
  }

  change(path: string, how: 'replace' | 'append'): readonly string[] {
    const { elements, problems } = readPath(path, this.#options);
    const before = how === 'append' ? this.#places.elements : [];
    this.#places = { ...this.#places, elements: [...before, ...elements] };
    return problems;
  }

  open(): OpenedSymbols | undefined {
    const { elements, imageFolders = [] } = this.#places;
    if (elements.length === 0 && imageFolders.length === 0) return undefined;
    const stop = new AbortController();
    const { signal } = stop;
    const source = new NodeSymbolSource({ ...this.#places, server: { ...this.#places.server, signal } });
    const opened: OpenedSymbols = {
      source: stoppable(source, signal),
      close: () => {
        stop.abort();
        source.close();
        this.#opened.delete(opened);
      },
    };
    this.#opened.add(opened);
    return opened;
  }

  /** Closes all that was opened and not closed. */
  close(): void {
    for (const each of this.#opened) each.close();
  }
}

/** A source that opens nothing any more once it was closed, though it is still asked. */
const stoppable = (source: NodeSymbolSource, signal: AbortSignal): SymbolSource => ({
  path: source.path,
  async find(request, kind) {
    signal.throwIfAborted();
    const found = await source.find(request, kind);
    if (signal.aborted) source.close();
    signal.throwIfAborted();
    return found;
  },
  async *candidates(request, kind) {
    for await (const file of source.candidates(request, kind)) {
      if (signal.aborted) source.close();
      signal.throwIfAborted();
      yield file;
    }
  },
});
