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

export interface SpoolOptions {
  /** Of one upload. */
  readonly mostBytes: number;
  /** Of all that waits and comes in together; 16 times that of one unless given. */
  readonly mostInAll?: number;
  /** Uploads at a time; 32 unless given. */
  readonly mostAtOnce?: number;
}

/** An upload that is larger than allowed. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge';
}

/** There is no room now; there will be when what waits is done. */
export class SpoolFull extends Error {
  override readonly name = 'SpoolFull';
}

/** Uploads that wait to be analyzed, as files: what is in the folder is what is left to do, also after a crash. */
export class Spool {
  readonly folder: string;
  readonly mostBytes: number;
  readonly #mostInAll: number;
  readonly #mostAtOnce: number;
  readonly #db: Database;
  readonly #given = new Set<string>();
  /** Bytes that wait, and those that come in. */
  #bytes = 0;
  #uploads = 0;

  private constructor(folder: string, options: SpoolOptions, db: Database) {
    const { mostBytes, mostInAll = 16 * mostBytes, mostAtOnce = 32 } = options;
    this.folder = folder;
    this.mostBytes = mostBytes;
    this.#mostInAll = mostInAll;
    this.#mostAtOnce = mostAtOnce;
    this.#db = db;
  }

  /** What a killed server had taken in part is removed. */
  static async open(folder: string, options: SpoolOptions, db: Database): Promise<Spool> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const spool = new Spool(folder, options, db);
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      if (name.endsWith('.part')) await rm(path, { force: true });
      else if (isUpload(name)) spool.#bytes += (await stat(path)).size;
    }
    return spool;
  }

  /**
   * Writes bytes to the disk as they come. Errors: TooLarge, SpoolFull, those of the disk; nothing is left of what failed.
   */
  async take(bytes: AsyncIterable<Uint8Array>, notes: UploadNotes): Promise<Uploaded> {
    if (this.#uploads >= this.#mostAtOnce) throw new SpoolFull('too many uploads at once');
    this.#uploads++;
    const part = join(this.folder, `${randomUUID()}.part`);
    let kept = 0;
    const room = { bytes: 0 };
    try {
      const uploaded = await this.#write(part, bytes, room);
      const place = this.#placeOf(uploaded.sha256);
      await writeFile(`${place}.json`, JSON.stringify(notes), { mode: 0o600 });
      // The same bytes may wait already: they take their place.
      const before = await stat(place).catch(() => undefined);
      await rename(part, place);
      kept = before === undefined ? uploaded.bytes : 0;
      return uploaded;
    } finally {
      this.#uploads--;
      this.#bytes -= room.bytes - kept;
      await rm(part, { force: true });
    }
  }

  isWaiting(sha256: string): boolean {
    return existsSync(this.#placeOf(sha256));
  }

  /** Uploads as they come, until it is stopped. Those with a result are removed. */
  async *items(isStopped: () => boolean): AsyncGenerator<SourceItem> {
    while (!isStopped()) {
      const names = (await readdir(this.folder)).filter(isUpload);
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

  /** `room` counts what it has taken of that of all uploads. */
  async #write(part: string, bytes: AsyncIterable<Uint8Array>, room: { bytes: number }): Promise<Uploaded> {
    const hash = createHash('sha256');
    let count = 0;
    const file = await open(part, 'wx', 0o600);
    try {
      for await (const piece of bytes) {
        count += piece.length;
        if (count > this.mostBytes) throw new TooLarge(`more than ${this.mostBytes} bytes`);
        room.bytes += piece.length;
        this.#bytes += piece.length;
        if (this.#bytes > this.#mostInAll) throw new SpoolFull('too much waits to be analyzed');
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
    const { size } = await stat(place);
    await rm(place, { force: true });
    await rm(`${place}.json`, { force: true });
    this.#bytes -= size;
    this.#given.delete(file);
    return true;
  }
}

const isUpload = (name: string): boolean => /^[0-9a-f]{64}\.upload$/.test(name);

const sourceName = (file: string): string => `upload:${file.slice(0, 64)}`;
