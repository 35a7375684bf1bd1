import type { Machine } from '../cpu/index.ts';
import type { Disassembler } from './instruction.ts';

/** A disassembler whose library is loaded when the first instruction is asked for: many answers need none. */
export function lateDisassembler(machine: Machine, create: () => Disassembler): Disassembler {
  let loaded: Disassembler | undefined;
  return {
    machine,
    decode(bytes, address) {
      loaded ??= create();
      return loaded.decode(bytes, address);
    },
    outline(bytes, address) {
      loaded ??= create();
      return loaded.outline === undefined ? loaded.decode(bytes, address) : loaded.outline(bytes, address);
    },
  };
}
