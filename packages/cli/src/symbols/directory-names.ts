import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { statOf } from '../io/stat-of.ts';

/** Names of files in folders, without regard to letters' case: stores come from systems that have none. Kept per folder. */
export class DirectoryNames {
  readonly #known = new Map<string, ReadonlyMap<string, string>>();

  /** The path of a file or folder below `root`; undefined where there is none. */
  resolve(root: string, parts: readonly string[]): string | undefined {
    const exact = join(root, ...parts);
    if (statOf(exact) !== undefined) return exact;
    let at = root;
    for (const part of parts) {
      const name = this.#names(at).get(part.toLowerCase());
      if (name === undefined) return undefined;
      at = join(at, name);
    }
    return at;
  }

  #names(folder: string): ReadonlyMap<string, string> {
    let names = this.#known.get(folder);
    if (names === undefined) {
      names = new Map(list(folder).map((name) => [name.toLowerCase(), name]));
      this.#known.set(folder, names);
    }
    return names;
  }
}

/** A folder that cannot be listed has nothing that could be found in it. */
function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
