import { endPage, type PageRun } from '../memory/page-source.ts';

/** A set of pages as the dump formats store it: bit n of byte k is page 8k+n. */
export interface PageBitmap {
  /** Bits that count: one past the highest page. */
  readonly bits: number;
  readonly bytes: Uint8Array;
}

export function pageBitmap(runs: readonly PageRun[]): PageBitmap {
  const bits = endPage(runs);
  const bytes = new Uint8Array(Math.ceil(bits / 8));
  for (const { basePage, pageCount } of runs) setBits(bytes, basePage, basePage + pageCount);
  return { bits, bytes };
}

function setBits(bytes: Uint8Array, from: number, to: number): void {
  let bit = from;
  while (bit < to && bit % 8 !== 0) bytes[bit >>> 3]! |= 1 << (bit++ & 7);
  const wholeEnd = to - (to % 8);
  if (bit < wholeEnd) {
    bytes.fill(0xff, bit / 8, wholeEnd / 8);
    bit = wholeEnd;
  }
  while (bit < to) bytes[bit >>> 3]! |= 1 << (bit++ & 7);
}
