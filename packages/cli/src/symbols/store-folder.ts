import { isAbsolute, join } from 'node:path';
import { statOf } from '../io/stat-of.ts';
import { checkFile } from './check-file.ts';
import { DirectoryNames } from './directory-names.ts';
import { readFilePointer } from './file-pointer.ts';
import { packedName, type StoreKey, storeFolder } from './store-key.ts';
import { type OpenedFile, openSymbolBytes, reasonOf } from './symbol-bytes.ts';
import type { Wanted } from './wanted.ts';

/** A symbol store in a folder: `name/key/name`, packed, or a pointer to the file; with one tier or two. */
export class StoreFolder {
  readonly path: string;
  readonly #names = new DirectoryNames();

  constructor(path: string) {
    this.path = path;
  }

  /** Has the store a level of folders named by the first two letters? */
  get hasTwoTiers(): boolean {
    return statOf(join(this.path, 'index2.txt'))?.isFile() === true;
  }

  async find(wanted: Wanted): Promise<OpenedFile | undefined> {
    const { key } = wanted;
    if (key === undefined) return undefined;
    const paths = [storeFolder(key, false), storeFolder(key, true)]
      .map((parts) => this.#names.resolve(this.path, parts))
      .filter((path) => path !== undefined);
    for (const folder of paths) {
      const found = await this.#findIn(folder, key, wanted);
      if (found !== undefined) return found;
    }
    if (paths.length === 0) this.#note(wanted, this.pathOf(key));
    return undefined;
  }

  /** Where the store has the file, or would have it. */
  pathOf(key: StoreKey): string {
    return join(this.path, ...storeFolder(key, this.hasTwoTiers), key.name);
  }

  async #findIn(folder: string, { name }: StoreKey, wanted: Wanted): Promise<OpenedFile | undefined> {
    for (const file of [name, packedName(name)]) {
      const path = this.#names.resolve(folder, [file]);
      const found = path === undefined ? undefined : await openChecked(path, wanted);
      if (found !== undefined) return found;
    }
    const pointer = this.#names.resolve(folder, ['file.ptr']);
    if (pointer !== undefined) return this.#follow(pointer, folder, wanted);
    this.#note(wanted, join(folder, name));
    return undefined;
  }

  async #follow(pointerPath: string, folder: string, wanted: Wanted): Promise<OpenedFile | undefined> {
    const pointer = readFilePointer(pointerPath);
    if (pointer?.kind === 'path') {
      if (process.platform !== 'win32' && /^([a-z]:|\\\\)/i.test(pointer.path)) {
        this.#refuse(wanted, pointerPath, `it points to ${pointer.path}, a path of Windows`);
        return undefined;
      }
      return openChecked(isAbsolute(pointer.path) ? pointer.path : join(folder, pointer.path), wanted);
    }
    const why = pointer === undefined ? 'it cannot be read' : `the store says: ${pointer.text}`;
    this.#refuse(wanted, pointerPath, why);
    return undefined;
  }

  #note({ request, kind, log }: Wanted, where: string): void {
    log.add(request, { kind, where, outcome: 'absent' });
  }

  #refuse({ request, kind, log }: Wanted, where: string, why: string): void {
    log.add(request, { kind, where, outcome: 'refused', why });
  }
}

/** Opens a file when it is the one that is wanted; else the log has the reason. */
export async function openChecked(
  path: string,
  { request, kind, log }: Wanted,
): Promise<OpenedFile | undefined> {
  try {
    const file = await openSymbolBytes(path);
    const why = checkFile(file.source, request.pdb?.name ?? '', request, kind);
    if (why === undefined) {
      log.add(request, { kind, where: path, outcome: 'found' });
      return file;
    }
    file.close();
    log.add(request, { kind, where: path, outcome: 'refused', why });
  } catch (error) {
    log.add(request, { kind, where: path, outcome: 'failed', why: reasonOf(error) });
  }
  return undefined;
}
