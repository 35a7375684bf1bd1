import { lstatSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { DebuggerError } from '@poolscope/engine';
import { ToolError } from './tool-error.ts';

/** A file that may be a dump, found by its name. */
export interface FoundFile {
  readonly path: string;
  readonly bytes: number;
  /** When it was written: ISO 8601, UTC. */
  readonly modified: string;
}

export interface FoundFiles {
  readonly files: readonly FoundFile[];
  /** Was everything below the folders looked at? */
  readonly isWhole: boolean;
}

const dumpName = /\.(?:dmp|mdmp|gz|zip|7z)$/i;

/** Folders in folders, entries in all of them and files that are told: bounds of one search. */
const [mostDepth, mostEntries, mostFiles] = [6, 20_000, 500];

/** The folders whose files a client may have opened. Where a path leads is decided by the file system, not by its text. */
export class AllowedFolders {
  /** As they were named, and where they are. */
  readonly #folders: readonly { readonly named: string; readonly real: string }[];

  /** Throws FILE_UNREADABLE for what is no folder. */
  constructor(folders: readonly string[]) {
    this.#folders = folders.map((folder) => {
      const named = resolve(folder);
      const real = realPathOf(named);
      if (!statSync(real).isDirectory())
        throw new DebuggerError('FILE_UNREADABLE', `${folder} is not a folder`);
      return { named, real };
    });
  }

  get list(): readonly string[] {
    return this.#folders.map(({ named }) => named);
  }

  /**
   * Where a path that a client named leads, without links. A relative one is looked for in each folder in turn. Throws
   * PATH_NOT_ALLOWED, for a link out of the folders too, and says nothing about what is elsewhere; else FILE_UNREADABLE.
   */
  resolve(path: string): string {
    const outside = new ToolError('PATH_NOT_ALLOWED', `${shown(path)} is not below an allowed folder`);
    if (path === '' || path.includes('\0')) throw outside;
    const candidates = isAbsolute(path)
      ? [resolve(path)]
      : this.#folders.map(({ named }) => resolve(named, path));
    const inside = candidates.filter((each) => this.#holds(each));
    if (inside.length === 0) throw outside;
    const found =
      inside.find((each) => lstatSync(each, { throwIfNoEntry: false }) !== undefined) ?? inside[0]!;
    const real = realPathOf(found);
    if (!this.#folders.some((folder) => isBelow(real, folder.real))) throw outside;
    if (!statSync(real).isFile())
      throw new DebuggerError('FILE_UNREADABLE', `${shown(path)} is not a regular file`);
    return real;
  }

  /** Files below the folders that may be dumps. Links are not followed. */
  find(): FoundFiles {
    const search = { files: [] as FoundFile[], entries: 0, isWhole: true };
    for (const { named } of this.#folders) searchFolder(named, 0, search);
    return { files: search.files, isWhole: search.isWhole };
  }

  #holds(path: string): boolean {
    return this.#folders.some(({ named, real }) => isBelow(path, named) || isBelow(path, real));
  }
}

interface FileSearch {
  readonly files: FoundFile[];
  entries: number;
  isWhole: boolean;
}

function searchFolder(folder: string, depth: number, search: FileSearch): void {
  for (const entry of entriesOf(folder, search)) {
    if (++search.entries > mostEntries || search.files.length >= mostFiles) {
      search.isWhole = false;
      return;
    }
    const path = join(folder, entry.name);
    if (entry.isDirectory() && depth < mostDepth) searchFolder(path, depth + 1, search);
    else if (entry.isDirectory()) search.isWhole = false;
    else if (entry.isFile() && dumpName.test(entry.name)) addFile(path, search);
  }
}

function entriesOf(folder: string, search: FileSearch) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    search.isWhole = false;
    return [];
  }
}

function addFile(path: string, { files }: FileSearch): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats?.isFile() === true) files.push({ path, bytes: stats.size, modified: stats.mtime.toISOString() });
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch (cause) {
    throw new DebuggerError('FILE_UNREADABLE', `${shown(path)} cannot be found`, { cause });
  }
}

function isBelow(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !/^\.\.[/\\]/.test(way) && !isAbsolute(way);
}

const shown = (path: string): string => JSON.stringify(path.slice(0, 200));
