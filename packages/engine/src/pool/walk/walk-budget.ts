import type { SearchedKernel } from '../kernel-data.ts';

/** How often a page of the dump may be met: shared pages are mapped twice. */
const mostOften = 3;
const someMore = 0x2000;
/** Places that were looked at in vain for which a page is counted. */
const holesPerPage = 8;
const pageBits = 12;

/**
 * Pages that a walk may look at. Page tables that lead to themselves make of a small dump more memory than could be walked in
 * a lifetime; honest ones lead to each page of the dump about once.
 */
export class WalkBudget {
  #left: number;
  #holes = 0;

  constructor({ target }: Pick<SearchedKernel, 'target'>) {
    this.#left = (target.dump.file.size / 2 ** pageBits) * mostOften + someMore;
  }

  get isSpent(): boolean {
    return this.#left <= 0;
  }

  /** Why a walk was given up, as half a sentence; undefined: it was not. */
  get cut(): string | undefined {
    return this.isSpent ? 'the page tables lead to more memory than this dump holds' : undefined;
  }

  spend(bytes: number, holes: number): void {
    this.#holes += holes;
    this.#left -= Math.ceil(bytes / 2 ** pageBits) + Math.floor(this.#holes / holesPerPage);
    this.#holes %= holesPerPage;
  }
}
