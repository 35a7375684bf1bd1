import { Fault } from '../base/index.ts';
import type { ImageReader } from '../pe/index.ts';

/**
 * An image out of two readers: what the dump holds of it, and where that has gaps the file that was loaded. The file's
 * bytes are those before anything ran: data that changed since is not in it, so that only sections that nothing writes to
 * are taken, by `isConstant`.
 */
export class OverlayImage implements ImageReader {
  readonly layout = 'mapped';
  readonly #memory: ImageReader;
  readonly #file: ImageReader;
  readonly #isConstant: (rva: number) => boolean;

  constructor(memory: ImageReader, file: ImageReader, isConstant: (rva: number) => boolean) {
    this.#memory = memory;
    this.#file = file;
    this.#isConstant = isConstant;
  }

  tryReadRva(rva: number, length: number): Uint8Array | Fault {
    const read = this.#memory.tryReadRva(rva, length);
    if (!(read instanceof Fault)) return read;
    const got = read.got.length;
    const from = rva + got;
    if (!this.#isConstant(from)) return read;
    const rest = this.#file.tryReadRva(from, length - got);
    const more = rest instanceof Fault ? rest.got : rest;
    if (more.length === 0) return read;
    const all = new Uint8Array(got + more.length);
    all.set(read.got);
    all.set(more, got);
    return rest instanceof Fault ? read.withGot(all) : all;
  }
}
