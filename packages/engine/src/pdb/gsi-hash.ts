import { readU32, utf8Bytes } from '../base/index.ts';
import { GSIHashHdr, StructView } from '../layouts/index.ts';

const version = 0xf12f_091a;
const newSignature = 0xffff_ffff;
const bucketCount = 4096;
const bitmapWords = 129;
/** Buckets count records as the linker held them in memory, 12 bytes each; in the file they have 8. */
const memoryRecord = 12;

/** A hash table of symbols by name: buckets of offsets of records. Layout: docs/formats/pdb.md. */
export class GsiHash {
  readonly #records: Uint8Array;
  /** First record of each bucket, and one more. */
  readonly #starts: Uint32Array;

  private constructor(records: Uint8Array, starts: Uint32Array) {
    this.#records = records;
    this.#starts = starts;
  }

  /** Undefined when the bytes are no such table. */
  static read(bytes: Uint8Array): GsiHash | undefined {
    if (bytes.length < GSIHashHdr.size) return undefined;
    const view = new StructView(GSIHashHdr, bytes);
    if (view.get('verSignature') !== newSignature || view.get('verHdr') !== version) return undefined;
    const recordsEnd = GSIHashHdr.size + view.get('cbHr');
    const bucketsEnd = recordsEnd + view.get('cbBuckets');
    if (bucketsEnd > bytes.length || view.get('cbBuckets') < bitmapWords * 4) return undefined;
    const records = bytes.subarray(GSIHashHdr.size, recordsEnd);
    return new GsiHash(
      records,
      readStarts(bytes.subarray(recordsEnd, bucketsEnd), Math.floor(records.length / 8)),
    );
  }

  get count(): number {
    return Math.floor(this.#records.length / 8);
  }

  /** Offset of record `index` in the stream of symbol records. */
  recordAt(index: number): number {
    return readU32(this.#records, index * 8) - 1;
  }

  /** Offsets of the records whose names fall into the bucket of `name`. */
  *candidates(name: string): Generator<number> {
    const bucket = hashName(name) % bucketCount;
    for (let index = this.#starts[bucket]!; index < this.#starts[bucket + 1]!; index++)
      yield this.recordAt(index);
  }
}

/** A bitmap of 4097 bits says which buckets are there; those follow, each with the index of its first record. */
function readStarts(bytes: Uint8Array, count: number): Uint32Array {
  const starts = new Uint32Array(bucketCount + 1).fill(count);
  let at = bitmapWords * 4;
  let last = -1;
  for (let bucket = 0; bucket < bucketCount && at + 4 <= bytes.length; bucket++) {
    if (((bytes[bucket >>> 3]! >>> (bucket & 7)) & 1) === 0) continue;
    const start = Math.min(Math.floor(readU32(bytes, at) / memoryRecord), count);
    starts.fill(start, last + 1, bucket + 1);
    last = bucket;
    at += 4;
  }
  return monotonous(starts);
}

/** Damaged tables may go back; a bucket is then empty instead of endless. */
function monotonous(starts: Uint32Array): Uint32Array {
  for (let index = starts.length - 2; index >= 0; index--)
    starts[index] = Math.min(starts[index]!, starts[index + 1]!);
  return starts;
}

/** Hash of a name; letters hash alike in both cases. Source: microsoft-pdb, misc.h (the older of its two hashes). */
function hashName(name: string): number {
  const bytes = utf8Bytes(name);
  let hash = 0;
  let at = 0;
  for (; at + 4 <= bytes.length; at += 4) hash ^= readU32(bytes, at);
  if (at + 2 <= bytes.length) {
    hash ^= bytes[at]! | (bytes[at + 1]! << 8);
    at += 2;
  }
  if (at < bytes.length) hash ^= bytes[at]!;
  hash |= 0x2020_2020;
  hash ^= hash >>> 11;
  return (hash ^ (hash >>> 16)) >>> 0;
}
