import { utf8Bytes } from '@poolscope/engine/base';
import { ByteWriter } from './byte-writer.ts';
import { nameHash } from './name-hash.ts';

const signature = 0xeffe_effe;
const hashVersion = 1;

/** Texts that other streams refer to by their offsets: the stream `/names`. The empty text stands at 0. */
export class TextTable {
  readonly #offsets = new Map<string, number>([['', 0]]);
  readonly #texts = new ByteWriter().u8(0);

  /** Offset of a text, which is added when it is new. */
  offset(text: string): number {
    const known = this.#offsets.get(text);
    if (known !== undefined) return known;
    const offset = this.#texts.length;
    this.#offsets.set(text, offset);
    this.#texts.raw(utf8Bytes(text)).u8(0);
    return offset;
  }

  bytes(): Uint8Array {
    const texts = this.#texts.bytes();
    const buckets = this.#buckets();
    return new ByteWriter()
      .u32(signature, hashVersion, texts.length)
      .raw(texts)
      .u32(buckets.length, ...buckets, this.#offsets.size - 1)
      .bytes();
  }

  /** Offsets at the places of their hashes, or the next place that is free; 0 is a free place. */
  #buckets(): Uint32Array {
    const buckets = new Uint32Array(Math.max(1, Math.ceil((this.#offsets.size * 4) / 3)));
    for (const [text, offset] of this.#offsets) {
      if (offset === 0) continue;
      let at = nameHash(text) % buckets.length;
      while (buckets[at] !== 0) at = (at + 1) % buckets.length;
      buckets[at] = offset;
    }
    return buckets;
  }
}
