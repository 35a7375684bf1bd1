import {
  examinePage,
  ownersOfFile,
  parseTagFile,
  plainFormat,
} from '../../../packages/engine/dist/pool/index.js';

/**
 * Pages of small pool blocks: two bytes choose the machine, the meaning of types and how much of the page is there; the rest
 * is the page, and a pooltag.txt.
 */
export const name = 'pool';
export const iterations = 3000;

const pageSize = 0x1000;
const address = 0xffff_fa80_0123_4000n;

/**
 * @param {number[]} sizes in units
 * @param {number} unit
 */
function seed(sizes, unit) {
  const bytes = new Uint8Array(2 + pageSize);
  bytes[0] = unit === 16 ? 0 : 1;
  const view = new DataView(bytes.buffer, 2);
  let at = 0;
  let previous = 0;
  for (const size of sizes) {
    if (unit === 16) view.setUint32(at, previous | (size << 16) | (2 << 24), true);
    else view.setUint32(at, previous | (size << 16) | (2 << 25), true);
    view.setUint32(at + 4, 0x6762_6154, true);
    previous = size;
    at += size * unit;
  }
  return bytes;
}

export const seeds = () => [
  seed([0x18, 0x21, 0x21, 0x2a, 0x15, 0x67], 16),
  seed(
    Array.from({ length: 64 }, () => 4),
    16,
  ),
  seed([0x30, 0x42, 0x42, 0x54, 0x2a, 0xce], 8),
  new TextEncoder().encode(
    '  rem text\nIrp  - <unknown> - Io\nAfd? - afd.sys - sockets\nNb*  - netbt.sys - x\n',
  ),
];

/** @param {Uint8Array} bytes */
export function run(bytes) {
  const [kind = 0, there = 0] = bytes;
  const page = new Uint8Array(pageSize);
  page.set(bytes.subarray(2, 2 + pageSize));
  const mask = new Uint8Array(pageSize).fill(1);
  if (there > 0) mask.fill(0, there * 16, there * 16 + 0x80);
  const format = plainFormat((kind & 1) === 0 ? 8 : 4, (kind & 2) === 0 ? 'in-use-bit' : 'plus-one');
  const found = examinePage({ address, bytes: page, mask, fault: undefined }, format);
  check(found);
  const text = String.fromCharCode(...bytes.subarray(2, 2050));
  const owners = ownersOfFile(text);
  for (const { pattern } of parseTagFile(text))
    if (!/[*?]/.test(pattern) && owners.find(pattern) === undefined) throw new Error(pattern);
}

/** @param {ReturnType<typeof examinePage>} page */
function check({ verdict, blocks, problems, unexplained }) {
  const end = address + BigInt(pageSize);
  let last = -1n;
  for (const block of blocks) {
    if (block.address <= last || block.address + BigInt(block.size) > end)
      throw new Error(`a block at ${block.address} is out of order`);
    last = block.address;
  }
  for (const extent of unexplained)
    if (extent.start < address || extent.end > end || extent.start >= extent.end)
      throw new Error(`an extent from ${extent.start} is not of the page`);
  if (verdict === 'whole' && (problems.length > 0 || unexplained.length > 0))
    throw new Error('a whole page has problems');
  if (verdict === 'whole' && blocks.reduce((sum, { size }) => sum + size, 0) !== pageSize)
    throw new Error('a whole page is not filled');
}
