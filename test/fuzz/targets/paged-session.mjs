import { openDump } from '../../../packages/engine/dist/dump/index.js';
import { BufferSource, openSession } from '../../../packages/engine/dist/index.js';
import { buildMachine, dumpBytes } from '../../../packages/lab/dist/index.js';
import { littleEndian } from '../mutate.mjs';
import { attempt } from '../runner.mjs';

/**
 * Dumps with pages: page tables, lists of the kernel, stacks. Such dumps are too big to be changed at random, so the
 * input is a list of changes: one byte for the dump, then 4 bytes of offset and 8 of value for each.
 */
export const name = 'paged-session';
export const iterations = 600;

const dumps = /** @type {const} */ (['x64', 'x86', 'arm64']).map((architecture) =>
  dumpBytes(buildMachine({ architecture, memoryPages: 4096 }), { type: 'bitmap-kernel' }),
);
const changeSize = 12;

/** Changes that change nothing, where it matters: paging entries of the top level, and list heads and their links. */
export const seeds = () =>
  dumps.flatMap((dump, index) => places(dump).map((offsets) => changes(dump, index, offsets)));

/** @param {Uint8Array} dump */
function places(dump) {
  const { header, physical } = openDump(new BufferSource(dump));
  const top = physical?.offsetOf(header.directoryTableBase) ?? 0;
  const view = new DataView(dump.buffer, dump.byteOffset);
  const width = header.bits === 64 ? 8 : 4;
  const entries = Array.from({ length: 0x1000 / width }, (_, index) => top + index * width).filter(
    (at) => view.getUint32(at, true) !== 0,
  );
  return [
    entries.slice(0, 24),
    pointersTo(view, header.psLoadedModuleList),
    pointersTo(view, header.kdDebuggerDataBlock),
  ];
}

/**
 * Offsets of words that hold an address.
 * @param {DataView} view
 * @param {bigint | undefined} address
 */
function pointersTo(view, address) {
  const low = Number(BigInt.asUintN(32, address ?? 0n));
  const found = [];
  for (let at = 0; at + 8 <= view.byteLength && found.length < 8; at += 4) {
    if (view.getUint32(at, true) === low) found.push(at);
  }
  return found;
}

/**
 * @param {Uint8Array} dump
 * @param {number} index
 * @param {readonly number[]} offsets
 */
function changes(dump, index, offsets) {
  const parts = offsets.flatMap((at) => [...littleEndian(BigInt(at), 4), ...dump.subarray(at, at + 8)]);
  return Uint8Array.of(index, ...parts);
}

/** @param {Uint8Array} bytes */
export async function run(bytes) {
  const dump = dumps[(bytes[0] ?? 0) % dumps.length]?.slice() ?? new Uint8Array(0);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let at = 1; at + changeSize <= bytes.length; at += changeSize) {
    dump.set(bytes.subarray(at + 4, at + changeSize), view.getUint32(at, true) % (dump.length - 8));
  }
  const session = await openSession(new BufferSource(dump));
  session.analyze();
  for (const command of ['lm', 'k', 'r', 'dps @$csp']) attempt(() => session.execute(command));
}
