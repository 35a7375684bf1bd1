import { isCanonical, pageOf, pageSize, type Va } from '@poolscope/engine/base';
import type { AddressSpace } from '../memory/address-space.ts';
import type { DataBlock } from './triage.ts';

interface Range {
  readonly start: Va;
  readonly end: Va;
}

/** Lowest address that the walk through pointers takes for one. */
const lowestPointer = 0x1_0000n;

const nextPage = (va: Va): Va => pageOf(va) + BigInt(pageSize);

/** Collects the data blocks of a small dump. */
export class BlockCollector {
  readonly #space: AddressSpace;
  /** Cut every block to what no earlier block holds; otherwise only the very same block is left out. */
  readonly #cutting: boolean;
  readonly #blocks: DataBlock[] = [];
  readonly #keys = new Set<string>();
  /** One flag a byte, by page. */
  readonly #covered = new Map<Va, Uint8Array>();

  constructor(space: AddressSpace, cutting: boolean) {
    this.#space = space;
    this.#cutting = cutting;
  }

  get blocks(): readonly DataBlock[] {
    return this.#blocks;
  }

  /** Saves the readable part of `[va, va + size)`. */
  add(va: Va, size: number): void {
    for (const { start, end } of this.#missing(va, va + BigInt(size))) this.#append(start, end);
  }

  /** Marks memory as saved elsewhere in the file. */
  cover(va: Va, size: number): void {
    this.#mark({ start: va, end: va + BigInt(size) });
  }

  /** Can this be a pointer to memory worth saving? */
  isReadable(va: Va): boolean {
    return va >= lowestPointer && isCanonical(va) && this.#space.pfnOf(va) !== undefined;
  }

  /** Maximal ranges that are mapped and, when cutting, not saved yet. */
  *#missing(from: Va, to: Va): Generator<Range> {
    let start: Va | undefined;
    for (let at = from; at < to; at = nextPage(at)) {
      for (const { va, wanted } of this.#changes(at, nextPage(at) < to ? nextPage(at) : to)) {
        if (wanted) start ??= va;
        else if (start !== undefined) {
          yield { start, end: va };
          start = undefined;
        }
      }
    }
    if (start !== undefined) yield { start, end: to };
  }

  /** The part of a page that is given: where it begins to be wanted, and where it ceases. */
  *#changes(from: Va, to: Va): Generator<{ readonly va: Va; readonly wanted: boolean }> {
    const page = pageOf(from);
    const isMapped = this.#space.pfnOf(from) !== undefined;
    const covered = this.#cutting ? this.#covered.get(page) : undefined;
    if (!isMapped || covered === undefined) {
      yield { va: from, wanted: isMapped };
      return;
    }
    const [start, end] = [Number(from - page), Number(to - page)];
    for (let at = start; at < end; at++)
      if (at === start || covered[at] !== covered[at - 1])
        yield { va: page + BigInt(at), wanted: covered[at] === 0 };
  }

  #append(start: Va, end: Va): void {
    const key = `${start} ${end}`;
    if (this.#keys.has(key)) return;
    this.#keys.add(key);
    this.#blocks.push({ address: start, bytes: this.#space.read(start, Number(end - start)) });
    this.#mark({ start, end });
  }

  #mark({ start, end }: Range): void {
    for (let at = start; at < end; ) {
      const page = pageOf(at);
      const pageEnd = page + BigInt(pageSize);
      const stop = end < pageEnd ? end : pageEnd;
      const flags = this.#covered.get(page) ?? new Uint8Array(pageSize);
      this.#covered.set(page, flags.fill(1, Number(at - page), Number(stop - page)));
      at = stop;
    }
  }
}
