import { identifySymbolFile, type SymbolFileIdentity, type SymbolFileKind } from '@poolscope/engine';
import type { FileForm, ScannedFile } from './folder-scan.ts';
import { openSymbolBytes, reasonOf } from './symbol-bytes.ts';

/** A file, and what it says of itself. */
export interface IdentifiedFile {
  readonly path: string;
  readonly name: string;
  readonly identity: SymbolFileIdentity;
}

const formOf: Readonly<Record<SymbolFileKind, FileForm>> = {
  pdb: 'pdb',
  image: 'image',
  isf: 'json',
  profile: 'json',
};

/** Files by what they say of themselves; each is opened once, when it may be the one that is wanted. */
export class KnownFiles {
  readonly #files: readonly ScannedFile[];
  readonly #byWord = new Map<string, ScannedFile[]>();
  readonly #known = new Map<string, Promise<IdentifiedFile | undefined>>();
  readonly #onUnreadable: (path: string, why: string) => void;
  readonly #byKey = new Map<FileForm, Promise<ReadonlyMap<string, readonly IdentifiedFile[]>>>();

  constructor(files: readonly ScannedFile[], onUnreadable: (path: string, why: string) => void) {
    this.#files = files;
    this.#onUnreadable = onUnreadable;
    for (const file of files) for (const word of new Set(wordsOf(file.name))) add(this.#byWord, word, file);
  }

  /** Files of a kind with one of these keys: those with a name like one of `names` first, which need no others opened. */
  async *find(
    kind: SymbolFileKind,
    keys: readonly string[],
    names: readonly string[],
  ): AsyncGenerator<IdentifiedFile> {
    const tried = new Set<string>();
    for await (const file of this.named(kind, names)) {
      tried.add(file.path);
      if (keysOf(file.identity).some((key) => keys.includes(key))) yield file;
    }
    const all = await this.#allByKey(formOf[kind]);
    for (const file of new Set(keys.flatMap((key) => all.get(key) ?? [])))
      if (file.identity.kind === kind && !tried.has(file.path)) yield file;
  }

  /** Files of a kind with a name like one of these. */
  async *named(kind: SymbolFileKind, names: readonly string[]): AsyncGenerator<IdentifiedFile> {
    const likely = new Set(names.flatMap((name) => this.#byWord.get(wordsOf(name)[0] ?? '') ?? []));
    for (const file of likely) {
      if (file.form !== formOf[kind]) continue;
      const found = await this.#identify(file);
      if (found?.identity.kind === kind) yield found;
    }
  }

  /** All files of a kind. */
  async *all(kind: SymbolFileKind): AsyncGenerator<IdentifiedFile> {
    for (const file of this.#files) {
      const found = file.form === formOf[kind] ? await this.#identify(file) : undefined;
      if (found?.identity.kind === kind) yield found;
    }
  }

  #allByKey(form: FileForm): Promise<ReadonlyMap<string, readonly IdentifiedFile[]>> {
    let all = this.#byKey.get(form);
    if (all === undefined) {
      all = this.#identifyAll(form);
      this.#byKey.set(form, all);
    }
    return all;
  }

  async #identifyAll(form: FileForm): Promise<ReadonlyMap<string, readonly IdentifiedFile[]>> {
    const byKey = new Map<string, IdentifiedFile[]>();
    for (const file of this.#files) {
      const found = file.form === form ? await this.#identify(file) : undefined;
      if (found !== undefined) for (const key of keysOf(found.identity)) add(byKey, key, found);
    }
    return byKey;
  }

  #identify(file: ScannedFile): Promise<IdentifiedFile | undefined> {
    let found = this.#known.get(file.path);
    if (found === undefined) {
      found = this.#read(file);
      this.#known.set(file.path, found);
    }
    return found;
  }

  async #read({ path, name }: ScannedFile): Promise<IdentifiedFile | undefined> {
    try {
      const opened = await openSymbolBytes(path);
      try {
        const identity = identifySymbolFile(opened.source, name);
        return identity === undefined ? undefined : { path, name, identity };
      } finally {
        opened.close();
      }
    } catch (error) {
      this.#onUnreadable(path, reasonOf(error));
      return undefined;
    }
  }
}

/** What a file can be found by: its PDB's GUID, its image's time stamp and size. */
function keysOf({ kind, pdb, timestamp, size }: SymbolFileIdentity): string[] {
  const keys = pdb === undefined || kind === 'image' ? [] : [pdb.guid];
  if (timestamp !== undefined && size !== undefined) keys.push(imageKey(timestamp, size));
  return keys;
}

export const imageKey = (timestamp: number, size: number): string => `${timestamp}/${size}`;

/** Words of a name, in small letters: `79be8c36...-1.json.xz` has the GUID as its first. */
const wordsOf = (name: string): string[] => name.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? [];

function add<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}
