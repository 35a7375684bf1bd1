import { type Dirent, readdirSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import { attempt } from '../io/attempt.ts';
import { statOf } from '../io/stat-of.ts';

/** Levels of folders that are looked into: a symbol store of two tiers has three, below a folder that somebody keeps it in. */
const deepest = 6;
/** Files and folders that are looked at: a folder named by mistake must not hold up the analysis. */
const mostEntries = 200_000;
const mostFiles = 20_000;

/** Names of files that can serve; their content decides later. The last letter of packed ones is an underscore. */
const patterns: readonly (readonly [kind: FileForm, pattern: RegExp])[] = [
  ['pdb', /\.(pdb|pd_)$/i],
  ['image', /\.(exe|sys|dll|efi|mui|ocx|ex_|sy_|dl_)$/i],
  ['json', /\.(json|isf)(\.(gz|xz))?$/i],
];

/** What a file may be by its name; JSON may be ISF or a packed profile. */
export type FileForm = 'pdb' | 'image' | 'json';

export interface ScannedFile {
  readonly path: string;
  readonly name: string;
  readonly form: FileForm;
}

export interface FolderScan {
  readonly files: readonly ScannedFile[];
  /** Why not everything below the folder was looked at; one plain sentence part. */
  readonly cut: string | undefined;
}

/** Files below a folder that can be symbols or images, by their names; the nearest first. A file stands for itself. */
export function scanFolder(root: string): FolderScan {
  const stats = statOf(root);
  if (stats?.isFile() === true) return { files: fileOf(root, basename(root)), cut: undefined };
  return new Scan().run(root);
}

class Scan {
  readonly #files: ScannedFile[] = [];
  readonly #seen = new Set<string>();
  #entries = 0;
  #cut: string | undefined;

  run(root: string): FolderScan {
    let folders = [root];
    for (let depth = 0; folders.length > 0 && this.#cut === undefined; depth++) {
      if (depth >= deepest) {
        this.#cut = `folders more than ${deepest} levels down are not looked into`;
        break;
      }
      folders = folders.flatMap((folder) => this.#list(folder));
    }
    return { files: this.#files, cut: this.#cut };
  }

  /** Folders in a folder; links may lead back to one that was listed. */
  #list(folder: string): string[] {
    const real = attempt(() => realpathSync(folder));
    if (real === undefined || this.#seen.has(real)) return [];
    this.#seen.add(real);
    const below: string[] = [];
    const entries = attempt(() => readdirSync(folder, { withFileTypes: true })) ?? [];
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (++this.#entries > mostEntries || this.#files.length >= mostFiles) {
        this.#cut = 'it holds too many files; not all were looked at';
        return [];
      }
      const path = join(folder, entry.name);
      const kind = kindOf(entry, path);
      if (kind === 'folder' && !entry.name.startsWith('.')) below.push(path);
      else if (kind === 'file') this.#files.push(...fileOf(path, entry.name));
    }
    return below;
  }
}

function fileOf(path: string, name: string): ScannedFile[] {
  const form = patterns.find(([, pattern]) => pattern.test(name))?.[0];
  return form === undefined ? [] : [{ path, name, form }];
}

function kindOf(entry: Dirent, path: string): 'file' | 'folder' | undefined {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  if (!entry.isSymbolicLink()) return undefined;
  const stats = statOf(path);
  return stats?.isFile() === true ? 'file' : stats?.isDirectory() === true ? 'folder' : undefined;
}
