import type { Va } from '../base/index.ts';
import type { Piece } from '../mmu/index.ts';
import { pieceSize } from './search-window.ts';

/** Which texts are looked for in memory. */
export interface StringOptions {
  /** Bytes of a character: 1, or 2 for UTF-16. */
  readonly unit: 1 | 2;
  /** Fewest characters; 3 when not given. */
  readonly shortest?: number;
}

/** A text that was found in memory. */
export interface FoundString {
  readonly at: Va;
  readonly text: string;
}

/** A longer text is given in parts of so many characters. */
const longestString = 1024;

/** Finds runs of printable ASCII characters in pieces as they come; one may go on from a piece to the next. */
export class StringFinder {
  readonly #unit: 1 | 2;
  readonly #shortest: number;
  readonly #bytes = new Uint8Array(pieceSize);
  readonly #codes = new Uint8Array(longestString);
  #length = 0;
  /** Address of the run's first character, and the one that the next byte continues. */
  #start: Va = 0n;
  #end: Va = -1n;
  /** UTF-16: a character whose upper byte has not been met yet; 0 without. */
  #pending = 0;
  /** The run goes on a text that is longer than one hit. */
  #isRest = false;
  #found: FoundString[] = [];

  constructor({ unit, shortest = 3 }: StringOptions) {
    this.#unit = unit;
    this.#shortest = Math.max(1, shortest);
  }

  place(): Uint8Array {
    return this.#bytes;
  }

  after({ at, text }: FoundString): Va {
    return at + BigInt(text.length * this.#unit);
  }

  find({ va, bytes }: Piece, most: number): FoundString[] {
    if (va !== this.#end) this.#endRun();
    if (this.#unit === 1) this.#readBytes(va, bytes);
    else this.#readPairs(va, bytes);
    this.#end = va + BigInt(bytes.length);
    const found = this.#found.slice(0, most);
    this.#found = [];
    return found;
  }

  finish(): FoundString[] {
    this.#endRun();
    return this.#found;
  }

  #readBytes(va: Va, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (byte >= 0x20 && byte < 0x7f) this.#append(byte, va, at);
      else if (this.#length > 0) this.#endRun();
    }
  }

  #readPairs(va: Va, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (this.#pending !== 0 && byte === 0) {
        this.#append(this.#pending, va, at - 1);
        this.#pending = 0;
        continue;
      }
      const isPrintable = byte >= 0x20 && byte < 0x7f;
      // A character without its zero byte ends the text before it.
      if ((this.#pending !== 0 || !isPrintable) && this.#length > 0) this.#endRun();
      this.#pending = isPrintable ? byte : 0;
    }
  }

  #append(code: number, va: Va, at: number): void {
    if (this.#length === longestString) this.#endRun(true);
    if (this.#length === 0) this.#start = va + BigInt(at);
    this.#codes[this.#length++] = code;
  }

  #endRun(goesOn = false): void {
    if (this.#length >= (this.#isRest ? 1 : this.#shortest)) {
      const text = String.fromCharCode(...this.#codes.subarray(0, this.#length));
      this.#found.push({ at: this.#start, text });
    }
    this.#isRest = goesOn;
    this.#length = 0;
    this.#pending = 0;
  }
}
