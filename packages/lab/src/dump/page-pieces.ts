import { type FileOffset, pageSize } from '@poolscope/engine/base';
import type { Piece } from '../bytes/piece.ts';
import type { PageRun, PageSource } from '../memory/page-source.ts';

/** Pages that one piece holds at most. */
const pagesPerPiece = 256;

/**
 * The pages of `runs` packed one after another from `offset` on. Zero pages are left out as holes, except the last
 * page, so that the file gets its length.
 */
export function* packPages(
  source: PageSource,
  runs: readonly PageRun[],
  offset: FileOffset,
): Generator<Piece> {
  const packer = new Packer(offset);
  for (const { basePage, pageCount } of runs)
    for (let pfn = basePage; pfn < basePage + pageCount; pfn++) yield* packer.add(source.page(pfn));
  yield* packer.end();
}

/** Copies pages at once, so that a source may hand out the same buffer again and again. */
class Packer {
  #offset: FileOffset;
  /** Room for the pages of the next piece: it grows with them, as many a page stands alone between holes. */
  #chunk = new Uint8Array(0);
  #pages = 0;
  #lastWasHole = false;

  constructor(offset: FileOffset) {
    this.#offset = offset;
  }

  *add(page: Uint8Array | undefined): Generator<Piece> {
    if (page === undefined || this.#pages === pagesPerPiece) yield* this.#flush();
    if (page === undefined) this.#offset += pageSize;
    else {
      this.#makeRoom();
      this.#chunk.set(page, this.#pages * pageSize);
      this.#pages++;
    }
    this.#lastWasHole = page === undefined;
  }

  #makeRoom(): void {
    const { length } = this.#chunk;
    if (length > this.#pages * pageSize) return;
    const larger = new Uint8Array(Math.min(Math.max(2 * length, pageSize), pagesPerPiece * pageSize));
    larger.set(this.#chunk);
    this.#chunk = larger;
  }

  *end(): Generator<Piece> {
    if (this.#lastWasHole) yield { offset: this.#offset - pageSize, bytes: new Uint8Array(pageSize) };
    yield* this.#flush();
  }

  *#flush(): Generator<Piece> {
    if (this.#pages === 0) return;
    const bytes = this.#chunk.subarray(0, this.#pages * pageSize);
    yield { offset: this.#offset, bytes };
    this.#offset += bytes.length;
    this.#chunk = new Uint8Array(0);
    this.#pages = 0;
  }
}
