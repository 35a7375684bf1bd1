import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ByteSource } from '@poolscope/engine';
import { statOf } from '../io/stat-of.ts';
import { PartFile } from './part-file.ts';
import type { StoreFolder } from './store-folder.ts';
import type { StoreKey } from './store-key.ts';

/** Own files of a cache: parts of downloads, and what servers do not have. Below the cache, so that renaming is one step. */
const ownFolder = '.poolscope';

/** How long a server's answer that it has no such file is believed: symbols of an update appear within days. */
const missingFor = 24 * 3600_000;
/** Parts that another process left behind; a download that is under way is written to more often. */
const abandonedAfter = 24 * 3600_000;

/**
 * The folder into which files are fetched: a symbol store. Files come into it by renaming, whole and checked, so that any
 * number of processes can use it at once: two that fetch the same file write the same content. All of these throw the
 * system's errors.
 */
export class CacheFolder {
  readonly #store: StoreFolder;
  readonly #now: () => number;
  #isTidy = false;

  constructor(store: StoreFolder, now: () => number = Date.now) {
    this.#store = store;
    this.#now = now;
  }

  get path(): string {
    return this.#store.path;
  }

  /** A new file for a download. */
  makePart(): PartFile {
    const folder = this.#own('parts');
    if (!this.#isTidy) removeOld(folder, this.#now() - abandonedAfter);
    this.#isTidy = true;
    return new PartFile(join(folder, `${process.pid}-${randomBytes(8).toString('hex')}`));
  }

  /**
   * Gives a part its place; the path that it has then. Where another process has the file open, Windows does not let it
   * be replaced: then that one is there, and as good.
   */
  accept(part: PartFile, key: StoreKey): string {
    const path = this.#store.pathOf(key);
    mkdirSync(dirname(path), { recursive: true });
    try {
      part.moveTo(path);
    } catch (error) {
      if (statOf(path)?.isFile() !== true) throw error;
    }
    return path;
  }

  /** Copies a file of another store; the path that it has then. */
  copyOf(source: ByteSource, key: StoreKey): string {
    const part = this.makePart();
    try {
      const piece = new Uint8Array(Math.min(source.size, 1 << 20));
      for (let at = 0; at < source.size; at += piece.length)
        part.append(piece.subarray(0, source.readInto(at, piece)));
      return this.accept(part, key);
    } finally {
      part.discard();
    }
  }

  /** Was this address found to have nothing a short time ago? */
  isMissing(url: string): boolean {
    const path = this.#missingPath(url);
    try {
      const age = this.#now() - statSync(path).mtimeMs;
      return age >= 0 && age < missingFor && readFileSync(path, 'utf8') === `${url}\n`;
    } catch {
      return false;
    }
  }

  /** A note that cannot be kept is no error: the server is asked again. */
  noteMissing(url: string): void {
    try {
      this.#own('missing');
      writeFileSync(this.#missingPath(url), `${url}\n`);
    } catch {
      // Asked again next time.
    }
  }

  forgetMissing(url: string): void {
    rmSync(this.#missingPath(url), { force: true });
  }

  #missingPath(url: string): string {
    const name = createHash('sha256').update(url).digest('hex').slice(0, 40);
    return join(this.path, ownFolder, 'missing', name);
  }

  #own(name: string): string {
    const folder = join(this.path, ownFolder, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }
}

function removeOld(folder: string, before: number): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const stats = statOf(path);
    if (stats !== undefined && stats.mtimeMs < before) rmSync(path, { force: true });
  }
}
