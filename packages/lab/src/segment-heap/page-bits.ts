/** Bits of a word for the pages from `first` to the one before `last`; the word's own first page is `base`. */
function wordMask(first: number, last: number, base: number): number {
  const [from, to] = [Math.max(first - base, 0), Math.min(last - base, 32)];
  if (to <= from) return 0;
  return to - from === 32 ? -1 : ((1 << (to - from)) - 1) << from;
}

function countBits(value: number): number {
  let bits = value - ((value >>> 1) & 0x5555_5555);
  bits = (bits & 0x3333_3333) + ((bits >>> 2) & 0x3333_3333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}

/** Up to 64 pages, a bit each, in two words of 32 bits. */
export class PageBits {
  readonly low: number;
  readonly high: number;

  constructor(low: number, high: number) {
    this.low = low;
    this.high = high;
  }

  /** From `first` to the one before `last`. */
  static range(first: number, last: number): PageBits {
    return new PageBits(wordMask(first, last, 0), wordMask(first, last, 32));
  }

  get count(): number {
    return countBits(this.low) + countBits(this.high);
  }

  and(other: PageBits): PageBits {
    return new PageBits(this.low & other.low, this.high & other.high);
  }

  or(other: PageBits): PageBits {
    return new PageBits(this.low | other.low, this.high | other.high);
  }

  without(other: PageBits): PageBits {
    return new PageBits(this.low & ~other.low, this.high & ~other.high);
  }
}
