import type { SymbolFileKind, SymbolRequest } from '@poolscope/engine';
import { statOf } from '../io/stat-of.ts';
import { type FolderScan, scanFolder } from './folder-scan.ts';
import { imageKey, KnownFiles } from './known-files.ts';
import { openChecked, StoreFolder } from './store-folder.ts';
import type { StoreKey } from './store-key.ts';
import type { OpenedFile } from './symbol-bytes.ts';
import type { Wanted } from './wanted.ts';

/** Files that are tried for a module where the dump does not tell which one it is. */
const mostCandidates = 64;

/** Names under which the kernel's files are known, whatever the image is called on disk. Source: the WDK's page on them. */
const kernelNames = ['ntoskrnl', 'ntkrnlmp', 'ntkrnlpa', 'ntkrpamp', 'ntkrla57'];

/** A folder that was named: a symbol store, a flat folder, or anything that holds such files some levels down. */
export class LocalFolder {
  readonly path: string;
  readonly #store: StoreFolder;
  readonly #onProblem: (text: string) => void;
  #known: KnownFiles | undefined;

  constructor(path: string, onProblem: (text: string) => void) {
    this.path = path;
    this.#store = new StoreFolder(path);
    this.#onProblem = onProblem;
  }

  async find(wanted: Wanted): Promise<OpenedFile | undefined> {
    const { request, kind, key, log } = wanted;
    const stored = key === undefined ? undefined : await this.#store.find(wanted);
    if (stored !== undefined) return stored;
    for await (const { path } of this.#files.find(kind, keysFor(request, kind), namesFor(request))) {
      const opened = await openChecked(path, wanted);
      if (opened !== undefined) return opened;
    }
    if (key === undefined) log.add(request, { kind, where: this.path, outcome: 'absent' });
    return undefined;
  }

  /** Where the folder would have a file, were it a symbol store; a single file is none. */
  placeFor(key: StoreKey): string | undefined {
    return statOf(this.path)?.isFile() === true ? undefined : this.#store.pathOf(key);
  }

  /** Paths of files of a kind with a name and machine that fit. */
  async *candidates(request: SymbolRequest, kind: SymbolFileKind): AsyncGenerator<string> {
    let count = 0;
    for await (const { path, name, identity } of this.#files.all(kind)) {
      if (identity.machine !== undefined && identity.machine !== request.machine) continue;
      if (!fits(request, [name, identity.pdb?.name ?? ''])) continue;
      if (++count > mostCandidates) return;
      yield path;
    }
  }

  get #files(): KnownFiles {
    if (this.#known !== undefined) return this.#known;
    const { files, cut }: FolderScan = this.#scan();
    if (cut !== undefined) this.#onProblem(`${this.path}: ${cut}`);
    this.#known = new KnownFiles(files, (path, why) =>
      this.#onProblem(why.includes(path) ? why : `${path}: ${why}`),
    );
    return this.#known;
  }

  #scan(): FolderScan {
    if (statOf(this.path) !== undefined) return scanFolder(this.path);
    return { files: [], cut: 'there is no such folder' };
  }
}

/** An image is known by time stamp and size alone: two that were linked once and signed twice share the PDB. */
function keysFor({ pdb, timestamp, size }: SymbolRequest, kind: SymbolFileKind): string[] {
  const keys = timestamp === undefined ? [] : [imageKey(timestamp, size)];
  return pdb === undefined || kind === 'image' ? keys : [pdb.guid, ...keys];
}

/** Names that files for a module are likely to have: of its PDB, of its image, or the digits of the PDB's GUID. */
function namesFor({ module, image, pdb }: SymbolRequest): readonly string[] {
  const own = pdb === undefined ? [image] : [pdb.guid, pdb.name, image];
  return module === 'nt' ? [...own, ...kernelNames] : own;
}

function fits(request: SymbolRequest, names: readonly string[]): boolean {
  const stem = (name: string) => name.toLowerCase().split('.', 1)[0]!;
  const wanted = new Set(namesFor(request).map(stem));
  return names.some((name) => wanted.has(stem(name)));
}
