import { readU16 } from '../base/index.ts';
import { StructView, TPIHDR } from '../layouts/index.ts';
import type { MsfStream } from './msf-stream.ts';
import { firstIndex } from './type-leaf.ts';

const version = 20040203;

/** One type record: its leaf, and its bytes behind that. */
export interface TypeRecord {
  readonly leaf: number;
  readonly bytes: Uint8Array;
}

/** The records of a stream of types (TPI) or items (IPI), by index. Their places are collected at the first question. */
export class TypeStream {
  readonly #records: Uint8Array;
  readonly #first: number;
  readonly #declared: number;
  #offsets: Uint32Array | undefined;

  /** An absent, unknown or damaged stream has no records. */
  constructor(stream: MsfStream | undefined) {
    const bytes = stream?.bytes() ?? new Uint8Array(0);
    const view = bytes.length < TPIHDR.size ? undefined : new StructView(TPIHDR, bytes);
    const isKnown = view?.get('vers') === version && view.get('tiMin') >= firstIndex;
    const start = view?.get('cbHdr') ?? 0;
    this.#records = isKnown ? bytes.subarray(start, start + view.get('cbGprec')) : new Uint8Array(0);
    this.#first = isKnown ? view.get('tiMin') : firstIndex;
    this.#declared = isKnown ? Math.max(0, view.get('tiMac') - view.get('tiMin')) : 0;
  }

  /** Indexes from `first` to here, exclusive. */
  get end(): number {
    return this.#first + this.#places.length;
  }

  get first(): number {
    return this.#first;
  }

  /** Kind of the record; 0 when there is none. */
  leafOf(index: number): number {
    const at = this.#places[index - this.#first];
    return at === undefined ? 0 : readU16(this.#records, at + 2);
  }

  record(index: number): TypeRecord | undefined {
    const at = this.#places[index - this.#first];
    if (at === undefined) return undefined;
    const end = at + 2 + readU16(this.#records, at);
    return { leaf: readU16(this.#records, at + 2), bytes: this.#records.subarray(at + 4, end) };
  }

  get #places(): Uint32Array {
    this.#offsets ??= findRecords(this.#records, this.#declared);
    return this.#offsets;
  }
}

/** A record whose length is impossible ends the walk. */
function findRecords(bytes: Uint8Array, declared: number): Uint32Array {
  // A record has four bytes at least.
  const offsets = new Uint32Array(Math.min(declared, bytes.length >>> 2));
  let count = 0;
  for (let at = 0; count < offsets.length && at + 4 <= bytes.length; count++) {
    const length = bytes[at]! | (bytes[at + 1]! << 8);
    if (length < 2 || at + 2 + length > bytes.length) break;
    offsets[count] = at;
    at += 2 + length;
  }
  return offsets.subarray(0, count);
}
