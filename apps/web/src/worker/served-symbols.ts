import type { SymbolFile, SymbolFileKind, SymbolRequest, SymbolSource } from '@poolscope/engine';
import { BlockCache } from '@poolscope/engine';
import { BlobSource } from './blob-source.ts';

const cacheOptions = { blockSize: 1 << 18, readAhead: 1 << 22, capacity: 48 << 20 };
/** Larger files than a kernel's are not taken into memory. */
const mostBytes = 1 << 30;

/** Symbols that the server of the page finds in the folders and on the servers that its user named. */
export class ServedSymbols implements SymbolSource {
  readonly path: string;
  readonly #address: string;
  readonly #known = new Map<string, Promise<SymbolFile | undefined>>();

  /** `address`: of the server's answers; `path`: where it looks, as people may see it. */
  constructor(address: string, path: string) {
    this.#address = address;
    this.path = path;
  }

  find(request: SymbolRequest, kind: SymbolFileKind): Promise<SymbolFile | undefined> {
    const query = queryOf(request, kind);
    const known = this.#known.get(query) ?? this.#ask(query, kind);
    this.#known.set(query, known);
    return known;
  }

  async #ask(query: string, kind: SymbolFileKind): Promise<SymbolFile | undefined> {
    const answer = await fetch(`${this.#address}?${query}`);
    if (answer.status === 204) return undefined;
    if (!answer.ok) throw new Error((await answer.text()).trim());
    if (Number(answer.headers.get('content-length')) > mostBytes) throw new Error('the file is too large');
    const blob = await answer.blob();
    const location = decodeURIComponent(answer.headers.get('x-location') ?? '');
    return { kind, location, source: new BlockCache(new BlobSource(blob), cacheOptions) };
  }
}

function queryOf(
  { module, image, machine, timestamp, size, pdb, need }: SymbolRequest,
  kind: SymbolFileKind,
): string {
  return new URLSearchParams({
    kind,
    module,
    image,
    machine,
    need,
    size: String(size),
    ...(timestamp === undefined ? {} : { timestamp: String(timestamp) }),
    ...(pdb === undefined ? {} : { pdb: pdb.name, guid: pdb.guid, age: String(pdb.age) }),
  }).toString();
}
