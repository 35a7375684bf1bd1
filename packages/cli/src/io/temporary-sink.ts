import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { type ByteSource, type DumpSink, MemorySink } from '@poolscope/engine';
import { noRoomIn, TemporaryFile } from './temporary-file.ts';

const copySize = 1 << 20;

export interface TemporarySinkOptions {
  /** Bytes kept in memory; a larger dump goes to a temporary file. 64 MB unless given. */
  readonly memoryLimit?: number;
  /** Where temporary files go: the system's place unless given. */
  readonly directory?: string;
  /** The size that the archive claims: one that the disk cannot hold is refused before it is written. */
  readonly expectedSize?: number | undefined;
}

/** Takes an unpacked dump: in memory while it is small, from then on in a temporary file. */
export class TemporarySink implements DumpSink {
  readonly #memoryLimit: number;
  readonly #directory: string;
  readonly #expectedSize: number;
  readonly #memory: MemorySink;
  #size = 0;
  #file: TemporaryFile | undefined;

  constructor(options: TemporarySinkOptions = {}) {
    this.#memoryLimit = options.memoryLimit ?? 64 << 20;
    this.#directory = options.directory ?? tmpdir();
    this.#expectedSize = options.expectedSize ?? 0;
    this.#memory = new MemorySink(this.#memoryLimit);
  }

  /** Errors: ARCHIVE_TOO_LARGE where the disk is full, FILE_UNREADABLE where there can be no temporary file. */
  write(chunk: Uint8Array): void {
    this.#size += chunk.length;
    if (this.#file === undefined && this.#size > this.#memoryLimit) this.#spill();
    if (this.#file === undefined) this.#memory.write(chunk);
    else this.#file.append(chunk);
  }

  finish(): ByteSource {
    return this.#file ?? this.#memory.finish();
  }

  /** Removes the temporary file. */
  discard(): void {
    this.#file?.close();
    this.#memory.discard();
  }

  /** Moves what is in memory to a file. */
  #spill(): void {
    this.#checkRoom();
    const file = new TemporaryFile(this.#directory);
    this.#file = file;
    const kept = this.#memory.finish();
    const piece = new Uint8Array(copySize);
    for (let at = 0; at < kept.size; at += copySize) file.append(piece.subarray(0, kept.readInto(at, piece)));
    this.#memory.discard();
  }

  #checkRoom(): void {
    const room = freeBytes(this.#directory);
    if (room === undefined || room >= this.#expectedSize) return;
    throw noRoomIn(this.#directory, `it has ${this.#expectedSize} bytes, and ${room} are free`);
  }
}

/** Free bytes of the directory's disk; undefined where the system does not tell. */
function freeBytes(directory: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(directory);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}
