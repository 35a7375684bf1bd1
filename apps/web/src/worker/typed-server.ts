import {
  BlockCache,
  packedName,
  type SymbolFile,
  type SymbolFileKind,
  type SymbolRequest,
  type SymbolSource,
  storeKeys,
} from '@poolscope/engine';
import { BlobSource } from './blob-source.ts';
import { unpackedSymbols } from './unpacked-symbols.ts';

const cacheOptions = { blockSize: 1 << 18, readAhead: 1 << 22, capacity: 48 << 20 };
/** Larger files than a kernel's are not taken into memory. */
const mostBytes = 1 << 30;

/** A symbol server that the user typed into the page, asked by the browser: the page's policy allows this one. */
export class TypedServer implements SymbolSource {
  readonly #address: string;
  readonly #onAsk: (name: string) => void;
  /** Why it is not asked any more, as half a sentence. */
  problem: string | undefined;

  /** `address` ends with a slash; `onAsk` is told the name of each file that is asked for. */
  constructor(address: string, onAsk: (name: string) => void) {
    this.#address = address;
    this.#onAsk = onAsk;
  }

  get path(): string {
    return `srv*${this.#address}`;
  }

  /** Modules that are merely loaded are left out: each would be a request. */
  async find(request: SymbolRequest, kind: SymbolFileKind): Promise<SymbolFile | undefined> {
    if (request.need === 'loaded') return undefined;
    for (const { name, key } of storeKeys(request, kind))
      for (const file of [name, packedName(name)]) {
        const location = `${this.#address}${[name, key, file].map(encodeURIComponent).join('/')}`;
        this.#onAsk(file);
        const blob = await this.#fetch(location);
        if (blob === undefined) continue;
        const source = await unpackedSymbols(new BlockCache(new BlobSource(blob), cacheOptions));
        return { kind, location, source };
      }
    return undefined;
  }

  async #fetch(location: string): Promise<Blob | undefined> {
    if (this.problem !== undefined) return undefined;
    try {
      const answer = await fetch(location, { credentials: 'omit', referrerPolicy: 'no-referrer' });
      if (answer.status === 404) return undefined;
      if (!answer.ok) throw new Error(`it answers ${answer.status}`);
      if (Number(answer.headers.get('content-length')) > mostBytes) throw new Error('a file is too large');
      return await answer.blob();
    } catch (error) {
      // A browser does not tell a page why: TypeError is all it says.
      const why =
        error instanceof TypeError
          ? 'it does not answer, or does not let pages of other sites read its files (CORS)'
          : String(error instanceof Error ? error.message : error);
      this.problem = `${new URL(this.#address).host} gave no symbols: ${why}`;
      throw new Error(this.problem, { cause: error });
    }
  }
}
