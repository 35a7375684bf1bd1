import { RegisterSet } from '../../../packages/engine/dist/cpu/index.js';
import { BlockCache, BufferSource } from '../../../packages/engine/dist/index.js';
import { BlockMemory } from '../../../packages/engine/dist/mmu/index.js';
import { Symbols } from '../../../packages/engine/dist/symbols/index.js';
import { walkStack } from '../../../packages/engine/dist/unwind/index.js';
import { buildMachine } from '../../../packages/lab/dist/index.js';

/** Stacks over damaged images and stacks: the input is an image of a kernel, and behind it a stack. */
export const name = 'unwinding';
export const iterations = 1500;

const stackSize = 0x1000;
const imageBase = 0xfffff80010000000n;
const stackBase = 0xffffc88f30000000n;

export const seeds = () =>
  /** @type {const} */ (['x64', 'arm64']).map((architecture) => {
    const machine = buildMachine({ architecture });
    const nt = machine.images.list[0];
    const image = nt === undefined ? new Uint8Array(0) : nt.image.mappedBytes();
    const bytes = new Uint8Array(image.length + stackSize);
    bytes.set(image);
    const view = new DataView(bytes.buffer);
    for (let at = image.length; at < bytes.length; at += 8)
      view.setBigUint64(at, imageBase + 0x1000n + BigInt(at % 0x400), true);
    return bytes;
  });

/** @param {Uint8Array} bytes */
export function run(bytes) {
  const size = Math.max(0, bytes.length - stackSize);
  const memory = new BlockMemory(new BlockCache(new BufferSource(bytes)), [
    { kind: 'data-block', va: imageBase, size, offset: 0 },
    { kind: 'stack', va: stackBase, size: bytes.length - size, offset: size },
  ]);
  const code = new Symbols(memory, [{ name: 'nt', base: imageBase, size: Math.max(1, size) }], []);
  for (const machine of /** @type {const} */ (['x64', 'x86', 'arm64'])) {
    const names =
      machine === 'x64'
        ? ['rip', 'rsp', 'rbp']
        : machine === 'x86'
          ? ['eip', 'esp', 'ebp']
          : ['pc', 'sp', 'fp'];
    const values = [imageBase + 0x1024n, stackBase, stackBase + 0x40n];
    const registers = new RegisterSet(
      machine,
      names.map((register, index) => /** @type {const} */ ([register, values[index] ?? 0n])),
    );
    const frames = [...walkStack(registers, { machine, memory, code }, { maxFrames: 100 })];
    if (frames.length > 100) throw new Error(`${frames.length} frames`);
    for (const frame of frames) code.nameOf(frame.ip);
  }
}
