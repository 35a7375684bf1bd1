import type { LibarchiveWasm } from 'libarchive-wasm';
import { DebuggerError } from '../base/index.ts';
import type { ByteSource } from '../io/index.ts';
import { printableName } from './entry-name.ts';
import type { Pace } from './pace.ts';

const pieceSize = 1 << 20;

/** libarchive's AE_IFREG, a regular file. */
const regularFile = 0o100000;

/**
 * libarchive over an archive that was copied into the memory of a WebAssembly instance. That memory ends at 2 GB
 * and goes away with the instance, so nothing in it is freed piece by piece. After an error no further call is made
 * but `nextEntry`. Errors: ARCHIVE_DAMAGED, ARCHIVE_UNSUPPORTED, ARCHIVE_TOO_LARGE.
 */
export class Libarchive {
  readonly #library: LibarchiveWasm;
  readonly #archive: number;
  readonly #buffer: number;

  /** Copies the archive in. `loadWasm` reads libarchive.wasm where it is not found by itself. */
  static async open(
    source: ByteSource,
    pace: Pace,
    loadWasm?: () => Promise<Uint8Array>,
  ): Promise<Libarchive> {
    const library = await loadLibrary(loadWasm);
    const memory = allocate(library, source.size);
    for (let done = 0; done < source.size; done += pieceSize) {
      await pace.step(done, source.size);
      const piece = memoryView(library, memory + done, Math.min(pieceSize, source.size - done));
      if (source.readInto(done, piece) < piece.length) throw explain('the file became shorter');
    }
    return new Libarchive(library, memory, source.size);
  }

  private constructor(library: LibarchiveWasm, memory: number, size: number) {
    this.#library = library;
    this.#buffer = allocate(library, pieceSize);
    this.#archive = answer(() => library.read_new());
    answer(() => library.read_support_filter_all(this.#archive));
    answer(() => library.read_support_format_all(this.#archive));
    answer(() => library.read_open_memory(this.#archive, memory, size));
  }

  /** Goes to the next entry; undefined behind the last one. */
  nextEntry(): { readonly name: string; readonly isFile: boolean } | undefined {
    const library = this.#library;
    return answer(() => {
      const entry = library.read_next_entry(this.#archive);
      const error = entry === 0 ? library.error_string(this.#archive) : '';
      if (error !== '') throw explain(error);
      if (entry === 0) return undefined;
      const isFile = library.entry_filetype(entry) === regularFile;
      return { name: printableName(library.entry_pathname(entry)), isFile };
    });
  }

  /** The next bytes of the entry, at most a megabyte, as a view valid until the next call; empty at its end. */
  readPiece(limit = pieceSize): Uint8Array {
    const count = answer(() =>
      this.#library.read_data(this.#archive, this.#buffer, Math.min(limit, pieceSize)),
    );
    return memoryView(this.#library, this.#buffer, count);
  }
}

async function loadLibrary(loadWasm?: () => Promise<Uint8Array>): Promise<LibarchiveWasm> {
  const silent = { print: () => {}, printErr: () => {} };
  try {
    const wasmBinary = await loadWasm?.();
    const { libarchiveWasm } = await import('libarchive-wasm');
    return await libarchiveWasm(wasmBinary === undefined ? silent : { ...silent, wasmBinary });
  } catch (cause) {
    throw new DebuggerError('ARCHIVE_UNSUPPORTED', 'the decoder of 7z archives could not be loaded', {
      cause,
    });
  }
}

function allocate(library: LibarchiveWasm, size: number): number {
  const address = library.module.cwrap('malloc', 'number', ['number'] as const)(size);
  if (address === 0) throw explain("Can't allocate memory");
  return address;
}

/** Made anew for each use: the memory moves when it grows. */
const memoryView = (library: LibarchiveWasm, address: number, size: number) =>
  new Uint8Array(library.module.HEAP8.buffer, address, size);

/** The result of a call into libarchive, whose complaints and traps become answers about the archive. */
function answer<Result>(call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    if (error instanceof DebuggerError) throw error;
    throw explain(error instanceof Error ? error.message : String(error), error);
  }
}

/** libarchive tells what is wrong in words only; these are the ones of its 7z reader. */
function explain(complaint: string, cause?: unknown): DebuggerError {
  const message = `the archive cannot be unpacked: ${printableName(complaint).replace(/\.$/, '')}`;
  return new DebuggerError(codeOf(complaint), message, { cause });
}

function codeOf(complaint: string): 'ARCHIVE_UNSUPPORTED' | 'ARCHIVE_TOO_LARGE' | 'ARCHIVE_DAMAGED' {
  if (/encrypted|crypto|not supported|unsupported|unknown codec/i.test(complaint))
    return 'ARCHIVE_UNSUPPORTED';
  return /allocate|out of memory/i.test(complaint) ? 'ARCHIVE_TOO_LARGE' : 'ARCHIVE_DAMAGED';
}
