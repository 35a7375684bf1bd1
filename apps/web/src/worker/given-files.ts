import {
  BlockCache,
  type ByteSource,
  matchIdentity,
  ownersOfFile,
  type SymbolFile,
  type SymbolFileIdentity,
  type SymbolFileKind,
  SymbolRefusal,
  type SymbolRequest,
  type SymbolSource,
  type TagOwners,
} from '@poolscope/engine';
import type { GivenFile } from '../protocol/calls.ts';
import { BlobSource } from './blob-source.ts';

interface KnownFile {
  readonly name: string;
  readonly source: ByteSource;
  readonly identity: SymbolFileIdentity;
}

const cacheOptions = { blockSize: 1 << 18, readAhead: 1 << 22, capacity: 48 << 20 };
const mostTagText = 1 << 24;

/** Files that the user gave besides the dump: symbols of any kind, and a pooltag.txt. What they lack servers may have. */
export class GivenFiles implements SymbolSource {
  readonly #files: KnownFile[] = [];
  /** Of pool tags, where a pooltag.txt was given. */
  owners: TagOwners | undefined;
  /** Asked after the files, in turn. */
  servers: readonly SymbolSource[] = [];

  /** Takes a file by its content. */
  async take(file: Blob, name: string): Promise<GivenFile> {
    // The readers of such files are loaded with the first one.
    const { identifySymbolFile, unpackedSymbols } = await import('./symbol-readers.ts');
    const source = await unpackedSymbols(new BlockCache(new BlobSource(file), cacheOptions));
    const identity = identifySymbolFile(source, name);
    if (identity !== undefined) {
      this.#files.push({ name, source, identity });
      return { name, kind: identity.kind };
    }
    if (!/\.txt$/i.test(name) || file.size > mostTagText) return { name, kind: 'unknown' };
    this.owners = ownersOfFile(await file.text());
    return { name, kind: 'pool tags' };
  }

  get path(): string {
    const files = this.#files.length > 0 ? ['files given to this page'] : [];
    return [...files, ...this.servers.map(({ path }) => path)].join(';');
  }

  /** What symbols are looked for in; undefined where there is nothing. */
  get symbols(): SymbolSource | undefined {
    return this.#files.length > 0 || this.servers.length > 0 ? this : undefined;
  }

  async find(request: SymbolRequest, kind: SymbolFileKind): Promise<SymbolFile | undefined> {
    const found = this.#files.find(({ identity }) => identity.kind === kind && isOf(request, identity));
    if (found !== undefined) return fileOf(found);
    for (const server of this.servers) {
      const file = await server.find(request, kind);
      if (file !== undefined) return file;
    }
    return undefined;
  }

  async *candidates(request: SymbolRequest, kind: SymbolFileKind): AsyncGenerator<SymbolFile> {
    for (const file of this.#files) {
      const isOther = matchIdentity(request, file.identity) instanceof SymbolRefusal;
      if (file.identity.kind === kind && !isOther && isNamed(request, file)) yield fileOf(file);
    }
  }
}

function isOf(request: SymbolRequest, identity: SymbolFileIdentity): boolean {
  const match = matchIdentity(request, identity);
  return match !== undefined && !(match instanceof SymbolRefusal);
}

/** A file whose identity does not decide is tried for the kernel, and for a module of its name. */
function isNamed({ image, need }: SymbolRequest, { name, identity }: KnownFile): boolean {
  const stem = (text: string) => text.toLowerCase().replace(/\.[^/\\]*$/, '');
  const names = [name, identity.pdb?.name ?? ''].map(stem);
  return need === 'kernel' || names.includes(stem(image));
}

const fileOf = ({ name, source, identity }: KnownFile): SymbolFile => ({
  kind: identity.kind,
  location: name,
  source,
});
