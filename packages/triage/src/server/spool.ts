import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SourceItem } from '../sources/source-item.ts';
import type { Database } from '../store/schema.ts';

export interface UploadNotes {
  readonly name?: string | undefined;
  readonly machine?: string | undefined;
}

export interface Uploaded {
  readonly sha256: string;
  readonly bytes: number;
}

/** An upload that is larger than allowed. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge';
}

/** Uploads that wait to be analyzed, as files: what is in the folder is what is left to do, also after a crash. */
export class Spool {
  readonly folder: string;
  readonly mostBytes: number;
  readonly #db: Database;
  readonly #given = new Set<string>();

  private constructor(folder: string, mostBytes: number, db: Database) {
    this.folder = folder;
    this.mostBytes = mostBytes;
    this.#db = db;
  }

  /** What a killed server had taken in part is removed. */
  static async open(folder: string, mostBytes: number, db: Database): Promise<Spool> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const name of await readdir(folder)) {
      if (name.endsWith('.part')) await rm(join(folder, name), { force: true });
    }
    return new Spool(folder, mostBytes, db);
  }

  /** Writes bytes to the disk as they come. Errors: TooLarge; nothing is left of what failed. */
  async take(bytes: AsyncIterable<Uint8Array>, notes: UploadNotes): Promise<Uploaded> {
    const part = join(this.folder, `${randomUUID()}.part`);
    try {
      const uploaded = await this.#write(part, bytes);
      const place = this.#placeOf(uploaded.sha256);
      await writeFile(`${place}.json`, JSON.stringify(notes), { mode: 0o600 });
      await rename(part, place);
      return uploaded;
    } finally {
      await rm(part, { force: true });
    }
  }

  isWaiting(sha256: string): boolean {
    return existsSync(this.#placeOf(sha256));
  }

  /** Uploads as they come, until it is stopped. Those with a result are removed. */
  async *items(isStopped: () => boolean): AsyncGenerator<SourceItem> {
    while (!isStopped()) {
      const names = (await readdir(this.folder)).filter((name) => /^[0-9a-f]{64}\.upload$/.test(name));
      for (const name of names.sort()) {
        if (await this.#removeDone(name)) continue;
        if (this.#given.has(name)) continue;
        this.#given.add(name);
        yield await this.#itemOf(name);
      }
      await new Promise((resolve) => {
        setTimeout(resolve, 100);
      });
    }
  }

  async #write(part: string, bytes: AsyncIterable<Uint8Array>): Promise<Uploaded> {
    const hash = createHash('sha256');
    let count = 0;
    const file = await open(part, 'wx', 0o600);
    try {
      for await (const piece of bytes) {
        count += piece.length;
        if (count > this.mostBytes) throw new TooLarge(`more than ${this.mostBytes} bytes`);
        hash.update(piece);
        await file.writeFile(piece);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    return { sha256: hash.digest('hex'), bytes: count };
  }

  #placeOf(sha256: string): string {
    return join(this.folder, `${sha256}.upload`);
  }

  async #itemOf(file: string): Promise<SourceItem> {
    const place = join(this.folder, file);
    const notes = await readFile(`${place}.json`, 'utf8').then(
      (text) => JSON.parse(text) as UploadNotes,
      () => ({}) as UploadNotes,
    );
    return {
      name: sourceName(file),
      fingerprint: await this.#fingerprintOf(file),
      ...(notes.name === undefined ? {} : { title: notes.name }),
      ...(notes.machine === undefined ? {} : { machine: { name: notes.machine, by: 'given' } }),
      withFile: (use) => use(place),
    };
  }

  /** Of this very upload: the same bytes may come again, for another version to analyze. */
  async #fingerprintOf(file: string): Promise<string> {
    const { mtimeMs, ino } = await stat(join(this.folder, file));
    return `${Math.round(mtimeMs)}:${ino}`;
  }

  /** The source is noted with its result, so that nothing is removed before that is in the store. */
  async #removeDone(file: string): Promise<boolean> {
    const row = await this.#db
      .selectFrom('sources')
      .select('fingerprint')
      .where('name', '=', sourceName(file))
      .executeTakeFirst();
    if (row === undefined || row.fingerprint !== (await this.#fingerprintOf(file))) return false;
    const place = join(this.folder, file);
    await rm(place, { force: true });
    await rm(`${place}.json`, { force: true });
    this.#given.delete(file);
    return true;
  }
}

const sourceName = (file: string): string => `upload:${file.slice(0, 64)}`;
