import { DebuggerError } from '../base/index.ts';
import type { ByteSource } from '../io/index.ts';

/** Where the unpacked dump goes: memory, or a temporary file in hosts that have one. */
export interface DumpSink {
  /** Takes the next bytes of the dump; `chunk` is valid during the call only. */
  write(chunk: Uint8Array): void;
  /** The complete dump. Called once, after the last write. */
  finish(): ByteSource;
  /** Frees what was taken, at any time; the source of `finish` ends with it. */
  discard(): void;
}

const blockSize = 1 << 20;

/** Keeps the dump in memory, taken a megabyte at a time as the bytes come in. Beyond `limit` bytes: ARCHIVE_TOO_LARGE. */
export class MemorySink implements DumpSink {
  readonly #limit: number;
  #blocks: Uint8Array[] = [];
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  write(chunk: Uint8Array): void {
    if (this.#size + chunk.length > this.#limit) throw tooLarge(`more than ${this.#limit} bytes`);
    for (let done = 0; done < chunk.length; ) {
      const within = this.#size % blockSize;
      if (within === 0) this.#blocks.push(allocateBlock());
      const part = chunk.subarray(done, done + blockSize - within);
      this.#blocks[this.#blocks.length - 1]!.set(part, within);
      this.#size += part.length;
      done += part.length;
    }
  }

  finish(): ByteSource {
    return new BlockSource(this.#blocks, this.#size);
  }

  discard(): void {
    this.#blocks = [];
    this.#size = 0;
  }
}

class BlockSource implements ByteSource {
  readonly size: number;
  readonly #blocks: readonly Uint8Array[];

  constructor(blocks: readonly Uint8Array[], size: number) {
    this.#blocks = blocks;
    this.size = size;
  }

  readInto(offset: number, target: Uint8Array): number {
    const count = offset < 0 ? 0 : Math.max(0, Math.min(target.length, this.size - offset));
    for (let done = 0; done < count; ) {
      const within = (offset + done) % blockSize;
      const block = this.#blocks[Math.floor((offset + done) / blockSize)]!;
      const part = block.subarray(within, within + count - done);
      target.set(part, done);
      done += part.length;
    }
    return count;
  }
}

const tooLarge = (what: string, cause?: unknown) =>
  new DebuggerError('ARCHIVE_TOO_LARGE', `the unpacked dump takes ${what} of memory`, { cause });

function allocateBlock(): Uint8Array {
  try {
    return new Uint8Array(blockSize);
  } catch (cause) {
    throw tooLarge('more than there is', cause);
  }
}
