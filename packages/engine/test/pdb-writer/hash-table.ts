import { ByteWriter } from './byte-writer.ts';

/** A name's bucket: the exclusive or of its words, folded. Source: LLVM's page on the PDB's hash tables. */
function bucketOf(name: string): number {
  const bytes = Buffer.from(name, 'utf8');
  const whole = bytes.length >>> 2;
  let hash = 0;
  for (let word = 0; word < whole; word++) hash ^= bytes.readInt32LE(word * 4);
  let at = whole * 4;
  if (bytes.length - at >= 2) {
    hash ^= bytes.readUInt16LE(at);
    at += 2;
  }
  if (at < bytes.length) hash ^= bytes[at]!;
  const lower = (hash | 0x20202020) >>> 0;
  const folded = (lower ^ (lower >>> 11)) >>> 0;
  return ((folded ^ (folded >>> 16)) >>> 0) % 4096;
}

/** The table of symbols by name; `at`: offset of the symbol's record. */
export function writeHashTable(
  symbols: readonly { readonly name: string; readonly at: number }[],
): Uint8Array {
  const sorted = symbols.map((each) => ({ ...each, bucket: bucketOf(each.name) }));
  sorted.sort((a, b) => a.bucket - b.bucket);
  const bitmap = new Uint8Array(516);
  const buckets = new ByteWriter();
  const records = new ByteWriter();
  sorted.forEach(({ bucket, at }, index) => {
    if ((bitmap[bucket >>> 3]! & (1 << (bucket & 7))) === 0) buckets.u32(index * 12);
    bitmap[bucket >>> 3]! |= 1 << (bucket & 7);
    records.u32(at + 1, 1);
  });
  return new ByteWriter()
    .u32(0xffff_ffff, 0xf12f_091a, records.length, bitmap.length + buckets.length)
    .raw(records.bytes())
    .raw(bitmap)
    .raw(buckets.bytes())
    .bytes();
}
