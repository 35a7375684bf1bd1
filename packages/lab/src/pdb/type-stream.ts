import { TPIHDR } from '@poolscope/engine/layouts';
import { concatBytes } from '../bytes/integers.ts';
import { structBytes } from '../bytes/struct-writer.ts';
import { ByteWriter } from './byte-writer.ts';
import { recordHash } from './name-hash.ts';

const version = 20040203;
const firstIndex = 0x1000;
const buckets = 0x3_ffff;
/** Bytes of records between two entries of the index of offsets. */
const indexStep = 0x2000;
const noStream = 0xffff;

/** Records of types (TPI) or items (IPI); equal ones are kept once. */
export class TypeRecords {
  readonly #records: Uint8Array[] = [];
  readonly #hashes: number[] = [];
  readonly #known = new Map<string, number>();

  /** Index of a record. `hash` is given for what is hashed by its name. */
  add(record: Uint8Array, hash = recordHash(record)): number {
    const key = String.fromCharCode(...record.subarray(0, 0x8000), ...record.subarray(0x8000));
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const index = firstIndex + this.#records.push(record) - 1;
    this.#hashes.push(hash % buckets);
    this.#known.set(key, index);
    return index;
  }

  /** The stream itself; `hashStream` is the number of the other one. */
  stream(hashStream: number): Uint8Array {
    const values = this.#records.length * 4;
    const offsets = this.#offsetIndex().length;
    const header = structBytes(TPIHDR, {
      vers: version,
      cbHdr: TPIHDR.size,
      tiMin: firstIndex,
      tiMac: firstIndex + this.#records.length,
      cbGprec: this.#records.reduce((sum, { length }) => sum + length, 0),
      sn: hashStream,
      snPad: noStream,
      cbHashKey: 4,
      cHashBuckets: buckets,
      offHashVals: 0,
      cbHashVals: values,
      offTiOff: values,
      cbTiOff: offsets,
      offHashAdj: values + offsets,
      cbHashAdj: 0,
    });
    return concatBytes([header, ...this.#records]);
  }

  /** Buckets of all records, then an index of their offsets. */
  hashStream(): Uint8Array {
    return new ByteWriter()
      .u32(...this.#hashes)
      .raw(this.#offsetIndex())
      .bytes();
  }

  /** Type index and offset of the first record that begins in each `indexStep` bytes. */
  #offsetIndex(): Uint8Array {
    const out = new ByteWriter();
    let at = 0;
    let next = 0;
    for (const [index, { length }] of this.#records.entries()) {
      if (at >= next) {
        out.u32(firstIndex + index, at);
        next = (Math.floor(at / indexStep) + 1) * indexStep;
      }
      at += length;
    }
    return out.bytes();
  }
}
