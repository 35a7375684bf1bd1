import { closeSync, ftruncateSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import type { ByteSource } from '@poolscope/engine';
import { exitCleanup } from '../io/exit-cleanup.ts';
import { readFully } from '../io/file-source.ts';

/** A file that is being fetched. It goes away when it is not accepted, also on Ctrl-C. Throws the system's errors. */
export class PartFile implements ByteSource {
  readonly path: string;
  readonly #descriptor: number;
  readonly #discard = () => this.discard();
  #size = 0;
  #isOpen = true;

  constructor(path: string) {
    this.path = path;
    this.#descriptor = openSync(path, 'wx+');
    exitCleanup.add(this.#discard);
  }

  get size(): number {
    return this.#size;
  }

  append(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; )
      done += this.#advance(writeSync(this.#descriptor, bytes, done, bytes.length - done, this.#size));
  }

  /** Begins anew. */
  clear(): void {
    ftruncateSync(this.#descriptor, 0);
    this.#size = 0;
  }

  readInto(offset: number, target: Uint8Array): number {
    return offset < 0 ? 0 : readFully(this.#descriptor, offset, target);
  }

  moveTo(path: string): void {
    this.#close();
    try {
      renameSync(this.path, path);
    } finally {
      rmSync(this.path, { force: true });
    }
  }

  discard(): void {
    if (!this.#isOpen) return;
    this.#close();
    rmSync(this.path, { force: true });
  }

  #advance(count: number): number {
    this.#size += count;
    return count;
  }

  #close(): void {
    this.#isOpen = false;
    exitCleanup.remove(this.#discard);
    closeSync(this.#descriptor);
  }
}
