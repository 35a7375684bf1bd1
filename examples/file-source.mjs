import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/**
 * A file as the engine reads it: piece by piece, so that a dump of many gigabytes needs no memory of its size.
 * @implements {import('@poolscope/engine').ByteSource}
 */
export class FileSource {
  #descriptor;

  /** @param {string} path */
  constructor(path) {
    this.#descriptor = openSync(path, 'r');
    this.size = fstatSync(this.#descriptor).size;
  }

  /**
   * @param {number} offset
   * @param {Uint8Array} target
   * @returns how many bytes there were
   */
  readInto(offset, target) {
    let done = 0;
    while (done < target.length) {
      const count = readSync(this.#descriptor, target, done, target.length - done, offset + done);
      if (count === 0) break;
      done += count;
    }
    return done;
  }

  close() {
    closeSync(this.#descriptor);
  }
}
