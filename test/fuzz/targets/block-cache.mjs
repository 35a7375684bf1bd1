import { BlockCache, BufferSource } from '../../../packages/engine/dist/io/index.js';

/**
 * A block cache against the buffer it reads from: the input is a list of reads, two bytes of offset and one of length
 * each; every answer has to be what the buffer says, whatever was evicted before.
 */
export const name = 'block-cache';

const file = Uint8Array.from({ length: 0x9c00 }, (_, at) => (at * 31 + (at >> 8)) & 0xff);

export const seeds = () => [
  Uint8Array.of(0, 0, 8, 0, 16, 8, 0, 32, 8, 0, 48, 8, 0, 64, 8),
  Uint8Array.of(0xf8, 0x0f, 0x20, 0, 0x9b, 0xff, 0xfc, 0x9b, 0x10),
];

/** @param {Uint8Array} reads */
export function run(reads) {
  const cache = new BlockCache(new BufferSource(file), {
    blockSize: 4096,
    capacity: 3 * 4096,
    readAhead: 8192,
  });
  for (let at = 0; at + 2 < reads.length; at += 3) {
    const offset = (reads[at] ?? 0) + (reads[at + 1] ?? 0) * 256;
    compare(cache, offset, (reads[at + 2] ?? 0) * 64);
  }
}

/**
 * @param {BlockCache} cache
 * @param {number} offset
 * @param {number} length
 */
function compare(cache, offset, length) {
  const want = file.slice(offset, offset + length);
  const got = cache.read(offset, length);
  if (Buffer.compare(want, got) !== 0) throw new Error(`read of ${length} bytes at ${offset} differs`);
  const view = new DataView(file.buffer);
  const u64 = offset + 8 <= file.length ? view.getBigUint64(offset, true) : undefined;
  const u32 = offset + 4 <= file.length ? view.getUint32(offset, true) : -1;
  if (cache.readU64(offset) !== u64) throw new Error(`u64 at ${offset} differs`);
  if (cache.readU32(offset) !== u32) throw new Error(`u32 at ${offset} differs`);
}
