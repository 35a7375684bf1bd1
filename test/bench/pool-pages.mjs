/** Pages of classic pool for measurements: blocks of the sizes that pools are full of, some free and some put aside. */
import { randomNumbers } from './measure.mjs';

const unit = 16;
const pageUnits = 256;
const templates = 256;
const tags = ['Irp ', 'File', 'Even', 'MmCa', 'Thre', 'NtfF', 'Vad ', 'Toke'];
/** Sizes in units; small ones are the most frequent. */
const sizes = [2, 3, 4, 4, 5, 6, 8, 8, 10, 12, 16, 20, 24, 32, 48, 80];
const [allocated, cached, free] = [2, 4, 0];

/**
 * A filler for the lab's large dump: page i is made for the address where it will be mapped. Returns also how many blocks
 * with a tag there are in a number of pages.
 * @param {bigint} mappedAt
 */
export function poolPages(mappedAt) {
  const numbers = randomNumbers(1 << 30, templates * pageUnits, 11);
  const made = Array.from({ length: templates }, (_, index) => template(numbers.subarray(index * pageUnits)));
  return {
    fill: (/** @type {Uint8Array} */ bytes, /** @type {number} */ index) => {
      const { page, links } = made[index % templates];
      bytes.set(page);
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      for (const at of links) {
        const entry = mappedAt + BigInt(index * 4096 + at);
        view.setBigUint64(at, entry, true);
        view.setBigUint64(at + 8, entry, true);
      }
    },
    count: (/** @type {string} */ tag, /** @type {number} */ pages) => {
      let sum = 0;
      for (let index = 0; index < pages; index++) sum += made[index % templates].tags.get(tag) ?? 0;
      return sum;
    },
  };
}

/** @param {Float64Array} numbers */
function template(numbers) {
  const page = new Uint8Array(4096);
  const view = new DataView(page.buffer);
  /** @type {number[]} */
  const links = [];
  const counts = new Map();
  let previous = 0;
  for (let at = 0, block = 0; at < pageUnits; block++) {
    const number = numbers[block];
    const size = Math.min(sizes[number % sizes.length], pageUnits - at);
    const type = number % 7 === 0 ? free : number % 11 === 0 ? cached : allocated;
    const tag = tags[(number >> 8) % tags.length];
    counts.set(tag, (counts.get(tag) ?? 0) + 1);
    view.setUint32(at * unit, previous | (size << 16) | (type << 24), true);
    view.setUint32(at * unit + 4, Buffer.from(tag).readUInt32LE(), true);
    if (type === free && size > 1) links.push((at + 1) * unit);
    else
      for (let word = at * unit + 16; word < (at + size) * unit; word += 4)
        view.setUint32(word, number, true);
    previous = size;
    at += size;
  }
  return { page, links, tags: counts };
}
