import { damagedData } from './damage.ts';

const longestCode = 15;

/** Decoding table of a DEFLATE prefix code (RFC 1951, 3.2.2), rebuilt in place so that blocks do not allocate. */
export class HuffmanTable {
  /** Index: the next bits of the stream, under `mask`. Value: symbol << 4 | bits of its code; 0 where no code begins so. */
  readonly entries = new Uint16Array(1 << longestCode);
  /** As many bits as the longest code has. */
  mask = 0;
  readonly #counts = new Uint16Array(longestCode + 1);
  readonly #next = new Uint16Array(longestCode + 1);

  /** Builds the table from every symbol's code length (0: not used). More codes than fit: ARCHIVE_DAMAGED. */
  build(lengths: Uint8Array): void {
    this.#assignFirstCodes(lengths);
    const size = this.mask + 1;
    this.entries.fill(0, 0, size);
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      const length = lengths[symbol]!;
      if (length === 0) continue;
      const first = reverseBits(this.#next[length]!++, length);
      for (let at = first; at < size; at += 1 << length) this.entries[at] = (symbol << 4) | length;
    }
  }

  #assignFirstCodes(lengths: Uint8Array): void {
    this.#counts.fill(0);
    for (const length of lengths) if (length > 0) this.#counts[length]!++;
    this.mask = 0;
    for (let length = 1, code = 0; length <= longestCode; length++) {
      code = (code + this.#counts[length - 1]!) << 1;
      if (code + this.#counts[length]! > 1 << length) throw damagedData('a code table holds too many codes');
      this.#next[length] = code;
      if (this.#counts[length] !== 0) this.mask = (1 << length) - 1;
    }
  }
}

function reverseBits(code: number, length: number): number {
  let reversed = 0;
  for (let i = 0; i < length; i++) reversed |= ((code >> i) & 1) << (length - 1 - i);
  return reversed;
}
