import { truncatedData } from './damage.ts';
import type { SequentialReader } from './sequential-reader.ts';

/** Takes bits off a SequentialReader, lowest first, as DEFLATE packs them (RFC 1951, 3.1.1). */
export class BitReader {
  /** The next bits, lowest first. */
  hold = 0;
  /** How many of them there are. */
  count = 0;
  readonly #input: SequentialReader;

  constructor(input: SequentialReader) {
    this.#input = input;
  }

  /** Forgets what is in hand, where the input was moved. */
  reset(): void {
    this.hold = 0;
    this.count = 0;
  }

  /** Has 25 to 32 bits in hand; fewer only at the end of the input. */
  refill(): void {
    const input = this.#input;
    let { at } = input;
    if (at + 4 > input.length) return this.#refillSlowly();
    const { chunk } = input;
    let { hold, count } = this;
    for (; count <= 24; count += 8) hold |= chunk[at++]! << count;
    this.hold = hold;
    this.count = count;
    input.at = at;
  }

  /** The next `count` bits, at most 16. */
  take(count: number): number {
    if (this.count < count) this.refill();
    const value = this.hold & ((1 << count) - 1);
    this.drop(count);
    return value;
  }

  /** Passes over `count` bits, which are in hand unless the input ended. */
  drop(count: number): void {
    if (this.count < count) throw truncatedData();
    this.hold >>>= count;
    this.count -= count;
  }

  /** Goes to the next byte boundary and gives back the bytes that were taken too early. */
  align(): void {
    this.#input.unread(this.count >> 3);
    this.reset();
  }

  #refillSlowly(): void {
    for (; this.count <= 24; this.count += 8) {
      const byte = this.#input.readByte();
      if (byte < 0) return;
      this.hold |= byte << this.count;
    }
  }
}
