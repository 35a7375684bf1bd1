import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { MemorySink, unpackDump } from '../../../packages/engine/dist/archive/index.js';
import { BufferSource } from '../../../packages/engine/dist/io/index.js';

/** Archives in gz and zip with a dump in them. 7z is read by a library of its own, which is not ours to fuzz. */
export const name = 'archive';
export const iterations = 5000;

const dump = Uint8Array.from({ length: 3000 }, (_, at) =>
  at < 8 ? 'PAGEDU64'.charCodeAt(at) : (at * at) >> 6,
);
const text = Uint8Array.from('a text beside the dump', (c) => c.charCodeAt(0));

export const seeds = () => [
  new Uint8Array(gzipSync(dump)),
  new Uint8Array(gzipSync(dump, { level: 0 })),
  new Uint8Array(gzipSync(dump, { level: 1, strategy: 4 })),
  zipSync({ 'MEMORY.DMP': dump }),
  zipSync({ 'readme.txt': text, 'dumps/MEMORY.DMP': [dump, { level: 0 }] }),
];

const limit = 1 << 20;

/** @param {Uint8Array} bytes */
export async function run(bytes) {
  const { source } = await unpackDump(new BufferSource(bytes), { makeSink: () => new MemorySink(limit) });
  if (source.size > Math.max(limit, bytes.length)) throw new Error(`${source.size} bytes came out`);
}
