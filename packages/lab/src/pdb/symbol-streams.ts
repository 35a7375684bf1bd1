import { utf8Bytes } from '@poolscope/engine/base';
import { GSIHashHdr, PSGSIHDR } from '@poolscope/engine/layouts';
import { concatBytes } from '../bytes/integers.ts';
import { structBytes } from '../bytes/struct-writer.ts';
import { ByteWriter } from './byte-writer.ts';
import { symbol, symbolRecord } from './code-view.ts';
import type { Place } from './link-order.ts';
import { nameHash } from './name-hash.ts';

/** A symbol that other modules can link to, with its decorated name. */
export interface PublicSymbol {
  readonly name: string;
  readonly place: Place;
  readonly isFunction: boolean;
}

/** A record under the name by which it is found. */
export interface NamedRecord {
  readonly name: string;
  readonly record: Uint8Array;
}

interface Hashed {
  readonly name: string;
  /** Where the record is. */
  readonly at: number;
}

const bucketCount = 4096;
const bitmapSize = 516;
/** Buckets count records as linkers hold them in memory. */
const memoryRecord = 12;
const hashVersion = 0xf12f_091a;
const functionFlags = 2;

/** Streams of the records of public and global symbols, and of the tables that lead to them. Source: microsoft-pdb, gsi.h. */
export function symbolStreams(
  publics: readonly PublicSymbol[],
  globals: readonly NamedRecord[],
): { records: Uint8Array; publics: Uint8Array; globals: Uint8Array } {
  const all = [...publics.map((each) => ({ name: each.name, record: publicRecord(each) })), ...globals];
  let end = 0;
  const hashed = all.map(({ name, record }) => {
    const at = end;
    end += record.length;
    return { name, at };
  });
  return {
    records: concatBytes(all.map(({ record }) => record)),
    publics: publicsStream(publics, hashed.slice(0, publics.length)),
    globals: hashTable(hashed.slice(publics.length)),
  };
}

const publicRecord = ({ name, place, isFunction }: PublicSymbol): Uint8Array =>
  symbolRecord(symbol.S_PUB32, (to) =>
    to
      .u32(isFunction ? functionFlags : 0, place.offset)
      .u16(place.section)
      .text(name),
  );

function publicsStream(publics: readonly PublicSymbol[], hashed: readonly Hashed[]): Uint8Array {
  const table = hashTable(hashed);
  const byPlace = publics.map(({ place }, index) => ({ ...place, at: hashed[index]!.at }));
  byPlace.sort((a, b) => a.section - b.section || a.offset - b.offset || a.at - b.at);
  const header = structBytes(PSGSIHDR, { cbSymHash: table.length, cbAddrMap: byPlace.length * 4 });
  return new ByteWriter()
    .raw(header)
    .raw(table)
    .u32(...byPlace.map(({ at }) => at))
    .bytes();
}

function hashTable(symbols: readonly Hashed[]): Uint8Array {
  const sorted = symbols.map((each) => ({ ...each, bucket: nameHash(each.name) % bucketCount }));
  sorted.sort((a, b) => a.bucket - b.bucket || compareNames(a.name, b.name) || a.at - b.at);
  const records = new ByteWriter();
  const bitmap = new Uint8Array(bitmapSize);
  const buckets = new ByteWriter();
  for (const [index, { bucket, at }] of sorted.entries()) {
    records.u32(at + 1, 1);
    if (sorted[index - 1]?.bucket === bucket) continue;
    bitmap[bucket >>> 3]! |= 1 << (bucket & 7);
    buckets.u32(index * memoryRecord);
  }
  const header = structBytes(GSIHashHdr, {
    verSignature: 0xffff_ffff,
    verHdr: hashVersion,
    cbHr: records.length,
    cbBuckets: bitmap.length + buckets.length,
  });
  return concatBytes([header, records.bytes(), bitmap, buckets.bytes()]);
}

/** Order inside a bucket: shorter names first, then by letters of either case. Source: microsoft-pdb, gsi.cpp. */
function compareNames(a: string, b: string): number {
  const shorter = utf8Bytes(a).length - utf8Bytes(b).length;
  if (shorter !== 0) return shorter;
  const [lowerA, lowerB] = [a.toLowerCase(), b.toLowerCase()];
  return lowerA < lowerB ? -1 : Number(lowerA > lowerB);
}
