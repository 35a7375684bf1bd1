import { RegisterSet } from '../../../packages/engine/dist/cpu/index.js';
import { annotation, instructionLine, loadDisassembler } from '../../../packages/engine/dist/disasm/index.js';

/** Instructions of every machine: any bytes decode to text, or to nothing. */
export const name = 'disassembly';
export const iterations = 3000;

export const seeds = () => [
  Uint8Array.of(0x4c, 0x8b, 0x48, 0x08, 0xe8, 1, 2, 3, 4, 0xc3),
  Uint8Array.of(0x74, 0x05, 0x65, 0x48, 0x8b, 0x04, 0x25, 0x88, 1, 0, 0, 0xf3, 0x48, 0xab),
  Uint8Array.of(0xfd, 0x7b, 0xbd, 0xa9, 0xfd, 0x03, 0x00, 0x91, 0xc0, 0x03, 0x5f, 0xd6),
];

const machines = /** @type {const} */ (['x64', 'x86', 'arm64']);
const address = 0xfffff80012345678n;

/** @param {Uint8Array} bytes */
export async function run(bytes) {
  for (const machine of machines) {
    const disassembler = await loadDisassembler(machine);
    const registers = new RegisterSet(machine, [
      ['rax', 0x4f4f4f4f4f4f4f4fn],
      ['efl', 0x246n],
    ]);
    for (let at = 0; at < Math.min(bytes.length, 64); ) {
      const instruction = disassembler.decode(bytes.subarray(at), address + BigInt(at));
      if (instruction !== undefined) check(instruction, bytes.length - at, registers);
      at += instruction?.length ?? (machine === 'arm64' ? 4 : 1);
    }
  }
}

/**
 * @param {import('../../../packages/engine/dist/disasm/index.js').Instruction} instruction
 * @param {number} room
 * @param {RegisterSet} registers
 */
function check(instruction, room, registers) {
  const { length } = instruction;
  if (length < 1 || length > Math.min(15, room))
    throw new Error(`an instruction of ${length} bytes in ${room}`);
  const line = instructionLine(instruction, () => undefined);
  if (line === '' || line.includes('undefined')) throw new Error(`the text is '${line}'`);
  annotation(instruction, registers, () => undefined);
}
