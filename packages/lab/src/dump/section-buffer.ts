import { assert, type FileOffset } from '@poolscope/engine/base';
import { concatBytes } from '../bytes/integers.ts';

/** Sections of a file, one straight after another; knows where in the file each lies. */
export class SectionBuffer {
  readonly start: FileOffset;
  readonly #parts: Uint8Array[] = [];
  #end: FileOffset;

  constructor(start: FileOffset) {
    this.start = start;
    this.#end = start;
  }

  /** File offset of the next section. */
  get end(): FileOffset {
    return this.#end;
  }

  /** Appends a section, in a slot of its own size or a larger one; its file offset. */
  add(bytes: Uint8Array, slot = bytes.length): FileOffset {
    assert(slot >= bytes.length, `a section of ${bytes.length} bytes does not fit a slot of ${slot}`);
    const offset = this.#end;
    this.#parts.push(bytes, new Uint8Array(slot - bytes.length));
    this.#end += slot;
    return offset;
  }

  skipTo(offset: FileOffset): void {
    this.add(new Uint8Array(0), offset - this.#end);
  }

  bytes(): Uint8Array {
    return concatBytes(this.#parts);
  }
}
