import { homedir } from 'node:os';
import { posix, win32 } from 'node:path';

/** One place of a chain. */
export type StorePlace =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'server'; readonly url: string };

/** An element of a symbol path. */
export type PathElement =
  | { readonly kind: 'folder'; readonly path: string }
  /** Stores, nearest first. What a later one has is copied into the folders before it. */
  | { readonly kind: 'stores'; readonly places: readonly StorePlace[] };

export interface SymbolPath {
  readonly elements: readonly PathElement[];
  /** What of the path cannot be used here, one plain sentence each. */
  readonly problems: readonly string[];
}

export interface PathOptions {
  /** The folder that `cache*` and `srv*url` without a folder stand for; undefined where the system has none. */
  readonly defaultCache: string | undefined;
  readonly platform?: NodeJS.Platform;
  /** What `~` stands for. */
  readonly home?: string;
}

/**
 * Reads a symbol path in the debugger's form: `;` between elements; folders, `cache*folder`, `srv*folder*...*url`,
 * `symsrv*symsrv.dll*...`. Source: Microsoft's page on symbol paths.
 */
export function parseSymbolPath(text: string, options: PathOptions): SymbolPath {
  const reader = new PathReader(options);
  // Shells and people put quotes around names with blanks, where they stay.
  for (const element of text.split(';'))
    reader.read(
      element
        .trim()
        .replace(/^"(.*)"$/, '$1')
        .trim(),
    );
  return reader;
}

const isUrl = (text: string): boolean => /^[a-z][a-z0-9+.-]+:\/\//i.test(text);
const isWindowsPath = (text: string): boolean => /^([a-z]:([\\/]|$)|\\\\)/i.test(text);

class PathReader implements SymbolPath {
  readonly elements: PathElement[] = [];
  readonly problems: string[] = [];
  readonly #options: PathOptions;
  readonly #platform: NodeJS.Platform;
  /** Folders that `cache*` put before everything behind it. */
  #caches: readonly StorePlace[] = [];

  constructor(options: PathOptions) {
    this.#options = options;
    this.#platform = options.platform ?? process.platform;
  }

  read(element: string): void {
    if (element === '') return;
    const parts = element.split('*').map((part) => part.trim());
    const word = parts[0]!.toLowerCase();
    if (parts.length === 1) this.#readPlain(element);
    else if (word === 'cache') this.#readCache(element, parts.slice(1));
    else if (word === 'srv') this.#readStores(element, parts.slice(1));
    else if (word === 'symsrv') this.#readSymsrv(element, parts.slice(1));
    else
      this.problems.push(`'${element}' is no symbol path: it begins with ${parts[0]}*, not srv* or cache*`);
  }

  #readPlain(text: string): void {
    if (isUrl(text)) {
      this.#readStores(text, [text]);
      return;
    }
    const path = this.#folder(text, text);
    if (path !== undefined) this.elements.push({ kind: 'folder', path });
  }

  #readCache(element: string, parts: readonly string[]): void {
    if (parts.length > 1) {
      this.problems.push(`'${element}' names more than one folder`);
      return;
    }
    const path = this.#folder(parts[0] === '' ? this.#options.defaultCache : parts[0], element);
    if (path === undefined) return;
    const place: StorePlace = { kind: 'folder', path };
    this.#caches = [...this.#caches, place];
    this.elements.push({ kind: 'stores', places: [place] });
  }

  /** `symsrv*` names the library that reads the store: there is only one. */
  #readSymsrv(element: string, [library = '', ...parts]: readonly string[]): void {
    if (library.toLowerCase() === 'symsrv.dll' && parts.length > 0) this.#readStores(element, parts);
    else this.problems.push(`'${element}' names the library ${library}; only symsrv.dll's way is known`);
  }

  #readStores(element: string, parts: readonly string[]): void {
    const places: StorePlace[] = [];
    for (const part of parts) {
      const place = this.#place(part, element);
      if (place === undefined) return;
      places.push(place);
    }
    const server = places.findIndex(({ kind }) => kind === 'server');
    if (server >= 0 && server < places.length - 1) {
      this.problems.push(`'${element}' has a place behind a server; a server stands last`);
      return;
    }
    const all = [...this.#caches, ...places];
    this.elements.push({ kind: 'stores', places: server >= 0 ? this.#withCache(all, element) : all });
  }

  /** What is fetched has to be kept somewhere. */
  #withCache(places: readonly StorePlace[], element: string): readonly StorePlace[] {
    if (places.length > 1) return places;
    const path = this.#folder(this.#options.defaultCache, element);
    return path === undefined ? [] : [{ kind: 'folder', path }, ...places];
  }

  #place(part: string, element: string): StorePlace | undefined {
    if (!isUrl(part)) {
      const path = this.#folder(part === '' ? this.#options.defaultCache : part, element);
      return path === undefined ? undefined : { kind: 'folder', path };
    }
    const url = part.replace(/\/+$/, '');
    if (/^https?:\/\//i.test(url) && URL.canParse(url)) return { kind: 'server', url };
    this.problems.push(`'${withoutPassword(part)}' is no http or https address`);
    return undefined;
  }

  #folder(path: string | undefined, element: string): string | undefined {
    if (path === undefined) {
      this.problems.push(
        `'${withoutPassword(element)}' names no folder, and this system has none for caches`,
      );
      return undefined;
    }
    if (isWindowsPath(path) && this.#platform !== 'win32') {
      this.problems.push(`'${path}' is a path of Windows, which this system does not have`);
      return undefined;
    }
    // Shells do not put the home folder in behind `srv*`.
    const whole = /^~[\\/]/.test(path) ? (this.#options.home ?? homedir()) + path.slice(1) : path;
    return (this.#platform === 'win32' ? win32 : posix).resolve(whole);
  }
}

/** An address as it may be shown: without a name and password, and without a query, which may be a key as well. */
export const withoutPassword = (text: string): string =>
  text.replaceAll(/(?<=:\/\/)[^/@*]*@/g, '').replaceAll(/(?<=:\/\/[^?*]*\?)[^*;]*/g, '...');

/** The path as one text, for people. */
export const pathText = (elements: readonly PathElement[]): string =>
  elements
    .map((element) =>
      element.kind === 'folder' ? element.path : ['srv', ...element.places.map(placeText)].join('*'),
    )
    .join(';');

export const placeText = (place: StorePlace): string =>
  place.kind === 'folder' ? place.path : withoutPassword(place.url);
