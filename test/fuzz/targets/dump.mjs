import { openDump } from '../../../packages/engine/dist/dump/index.js';
import { BufferSource } from '../../../packages/engine/dist/io/index.js';
import { bitmapDump64, fullDump32, fullDump64, rangeDump64, summaryDump64, triageDump64 } from '../seeds.mjs';

/** Containers of every kind: header, page indexes, triage sections, secondary data. */
export const name = 'dump';

export const seeds = () => [
  fullDump64(),
  fullDump32(),
  bitmapDump64(),
  summaryDump64(),
  rangeDump64(),
  triageDump64(),
];

/** @param {Uint8Array} bytes */
export function run(bytes) {
  const dump = openDump(new BufferSource(bytes));
  dump.secondaryData();
  if (dump.physical !== undefined) readPages(dump.physical);
}

/**
 * The first pages, and those at the end: a page index may claim more than there are.
 * @param {import('../../../packages/engine/dist/dump/index.js').PhysicalMemory} physical
 */
function readPages(physical) {
  let left = 16;
  for (const { base, count } of physical.pages.runs()) {
    physical.tryRead(base * 0x1000 + 0xff8, 16);
    physical.readU64((base + count - 1) * 0x1000);
    if (--left === 0) break;
  }
  physical.tryRead(physical.pages.limit * 0x1000, 8);
}
