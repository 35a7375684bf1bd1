import { DebuggerError } from '../base/index.ts';

/**
 * LZMA as the LZMA2 chunks of xz files hold it. Source: Igor Pavlov's LZMA specification (LZMA SDK, public domain). All
 * output stays in one buffer, which is the dictionary too: for files that are wanted whole and are not large.
 */

const states = 12;
const half = 1024;
const top = 2 ** 24;
const lengthStates = 2 + 16 * 8 * 2 + 256;

export const damagedXz = (what: string): DebuggerError =>
  new DebuggerError('ARCHIVE_DAMAGED', `the xz file is damaged: ${what}`);

/** A decoder over packed bytes; chunks are given one after the other. */
export class LzmaDecoder {
  output: Uint8Array;
  length = 0;
  readonly #limit: number;
  /** Where the dictionary begins in the output. */
  #start = 0;
  #lc = 0;
  #literalMask = 0;
  #positionMask = 0;
  #state = 0;
  readonly #reps = new Int32Array(4);
  readonly #isMatch = new Uint16Array(states << 4);
  readonly #isRep = new Uint16Array(states);
  readonly #isRepG0 = new Uint16Array(states);
  readonly #isRepG1 = new Uint16Array(states);
  readonly #isRepG2 = new Uint16Array(states);
  readonly #isRep0Long = new Uint16Array(states << 4);
  readonly #slots = new Uint16Array(4 * 64);
  readonly #special = new Uint16Array(128);
  readonly #align = new Uint16Array(16);
  readonly #matchLength = new Uint16Array(lengthStates);
  readonly #repLength = new Uint16Array(lengthStates);
  #literals = new Uint16Array(0);
  #input: Uint8Array = new Uint8Array(0);
  #at = 0;
  #range = 0;
  #code = 0;

  /** Output of more than `limit` bytes is refused. */
  constructor(limit: number) {
    this.#limit = limit;
    this.output = new Uint8Array(Math.min(limit, 1 << 20));
  }

  resetDictionary(): void {
    this.#start = this.length;
  }

  /** Properties byte: (pb * 5 + lp) * 9 + lc, with lc + lp at most 4 in LZMA2. */
  setProperties(byte: number): void {
    const lc = byte % 9;
    const rest = Math.floor(byte / 9);
    const lp = rest % 5;
    if (byte >= 225 || lc + lp > 4) throw damagedXz('its LZMA properties are impossible');
    this.#lc = lc;
    this.#literalMask = (1 << lp) - 1;
    this.#positionMask = (1 << Math.floor(rest / 5)) - 1;
    this.#literals = new Uint16Array(0x300 << (lc + lp));
  }

  resetState(): void {
    this.#state = 0;
    this.#reps.fill(0);
    for (const table of [
      ...[this.#isMatch, this.#isRep, this.#isRepG0, this.#isRepG1, this.#isRepG2, this.#isRep0Long],
      ...[this.#slots, this.#special, this.#align, this.#matchLength, this.#repLength, this.#literals],
    ])
      table.fill(half);
  }

  /** Bytes that are stored as they are. */
  copy(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.output.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** One chunk: `packed` unpacks to `size` bytes. */
  decode(packed: Uint8Array, size: number): void {
    if (packed.length < 5 || packed[0] !== 0) throw damagedXz('a chunk begins impossibly');
    this.#reserve(size);
    this.#input = packed;
    this.#range = 0xffff_ffff;
    this.#code = ((packed[1]! << 24) | (packed[2]! << 16) | (packed[3]! << 8) | packed[4]!) >>> 0;
    this.#at = 5;
    const end = this.length + size;
    while (this.length < end) this.#step(end);
    if (this.#code !== 0 || this.#at !== packed.length)
      throw damagedXz('a chunk does not end where its data does');
  }

  #reserve(more: number): void {
    const wanted = this.length + more;
    if (wanted > this.#limit)
      throw new DebuggerError('ARCHIVE_TOO_LARGE', `the file unpacks to more than ${this.#limit} bytes`);
    if (wanted <= this.output.length) return;
    const larger = new Uint8Array(Math.min(this.#limit, Math.max(wanted, this.output.length * 2)));
    larger.set(this.output.subarray(0, this.length));
    this.output = larger;
  }

  #step(end: number): void {
    const positionState = (this.length - this.#start) & this.#positionMask;
    const at = (this.#state << 4) + positionState;
    if (this.#bit(this.#isMatch, at) === 0) return this.#literal();
    let count: number;
    if (this.#bit(this.#isRep, this.#state) === 0) count = this.#match(positionState);
    else {
      if (this.#isShortRepeat(at)) return this.#repeatByte();
      count = this.#length(this.#repLength, positionState);
      this.#state = this.#state < 7 ? 8 : 11;
    }
    this.#copyMatch(this.#reps[0]!, count, end);
  }

  #literal(): void {
    const { output, length } = this;
    const previous = length > this.#start ? output[length - 1]! : 0;
    const place = (length - this.#start) & this.#literalMask;
    const base = 0x300 * ((place << this.#lc) + (previous >>> (8 - this.#lc)));
    let symbol = 1;
    if (this.#state >= 7) symbol = this.#matchedLiteral(base);
    while (symbol < 0x100) symbol = (symbol << 1) | this.#bit(this.#literals, base + symbol);
    output[this.length++] = symbol;
    this.#state = this.#state < 4 ? 0 : this.#state < 10 ? this.#state - 3 : this.#state - 6;
  }

  /** The beginning of a literal behind a match, as far as it follows the byte that the match would have given. */
  #matchedLiteral(base: number): number {
    let matched = this.#byteBack(this.#reps[0]!);
    let symbol = 1;
    do {
      const bit = (matched >>> 7) & 1;
      matched <<= 1;
      const got = this.#bit(this.#literals, base + ((1 + bit) << 8) + symbol);
      symbol = (symbol << 1) | got;
      if (bit !== got) break;
    } while (symbol < 0x100);
    return symbol;
  }

  #match(positionState: number): number {
    const reps = this.#reps;
    reps[3] = reps[2]!;
    reps[2] = reps[1]!;
    reps[1] = reps[0]!;
    const count = this.#length(this.#matchLength, positionState);
    this.#state = this.#state < 7 ? 7 : 10;
    reps[0] = this.#distance(count);
    return count;
  }

  /** Chooses one of the last four distances; true for a single byte from the last one. */
  #isShortRepeat(at: number): boolean {
    const reps = this.#reps;
    const state = this.#state;
    if (this.#bit(this.#isRepG0, state) === 0) return this.#bit(this.#isRep0Long, at) === 0;
    let distance: number;
    if (this.#bit(this.#isRepG1, state) === 0) distance = reps[1]!;
    else {
      if (this.#bit(this.#isRepG2, state) === 0) distance = reps[2]!;
      else {
        distance = reps[3]!;
        reps[3] = reps[2]!;
      }
      reps[2] = reps[1]!;
    }
    reps[1] = reps[0]!;
    reps[0] = distance;
    return false;
  }

  #repeatByte(): void {
    this.#state = this.#state < 7 ? 9 : 11;
    this.output[this.length] = this.#byteBack(this.#reps[0]!);
    this.length++;
  }

  #byteBack(distance: number): number {
    if (distance < 0 || distance >= this.length - this.#start)
      throw damagedXz('a match begins before the data');
    return this.output[this.length - distance - 1]!;
  }

  #copyMatch(distance: number, count: number, end: number): void {
    if (distance < 0 || distance >= this.length - this.#start)
      throw damagedXz('a match begins before the data');
    if (this.length + count > end) throw damagedXz('a match is longer than its chunk');
    const { output } = this;
    let from = this.length - distance - 1;
    let to = this.length;
    for (let left = count; left > 0; left--) output[to++] = output[from++]!;
    this.length = to;
  }

  #length(table: Uint16Array, positionState: number): number {
    if (this.#bit(table, 0) === 0) return 2 + this.#tree(table, 2 + (positionState << 3), 3);
    if (this.#bit(table, 1) === 0) return 10 + this.#tree(table, 2 + 128 + (positionState << 3), 3);
    return 18 + this.#tree(table, 2 + 256, 8);
  }

  #distance(count: number): number {
    const slot = this.#tree(this.#slots, Math.min(count - 2, 3) << 6, 6);
    if (slot < 4) return slot;
    const bits = (slot >>> 1) - 1;
    const base = (2 | (slot & 1)) << bits;
    if (slot < 14) return base + this.#reverseTree(this.#special, base - slot, bits);
    return (base + (this.#direct(bits - 4) << 4) + this.#reverseTree(this.#align, 0, 4)) | 0;
  }

  #tree(table: Uint16Array, base: number, bits: number): number {
    let symbol = 1;
    for (let left = bits; left > 0; left--) symbol = (symbol << 1) | this.#bit(table, base + symbol);
    return symbol - (1 << bits);
  }

  #reverseTree(table: Uint16Array, base: number, bits: number): number {
    let symbol = 1;
    let value = 0;
    for (let index = 0; index < bits; index++) {
      const bit = this.#bit(table, base + symbol);
      symbol = (symbol << 1) | bit;
      value |= bit << index;
    }
    return value;
  }

  #direct(bits: number): number {
    let value = 0;
    for (let left = bits; left > 0; left--) {
      this.#range >>>= 1;
      const bit = this.#code >= this.#range ? 1 : 0;
      if (bit === 1) this.#code -= this.#range;
      value = (value << 1) | bit;
      if (this.#range < top) this.#normalize();
    }
    return value;
  }

  #bit(table: Uint16Array, index: number): number {
    const probability = table[index]!;
    const bound = (this.#range >>> 11) * probability;
    let bit = 0;
    if (this.#code < bound) {
      this.#range = bound;
      table[index] = probability + ((2048 - probability) >>> 5);
    } else {
      this.#range -= bound;
      this.#code -= bound;
      table[index] = probability - (probability >>> 5);
      bit = 1;
    }
    if (this.#range < top) this.#normalize();
    return bit;
  }

  #normalize(): void {
    // Behind the end come zeros; every chunk's output is bounded, so that this ends.
    this.#range = (this.#range << 8) >>> 0;
    this.#code = ((this.#code << 8) | (this.#input[this.#at++] ?? 0)) >>> 0;
  }
}
