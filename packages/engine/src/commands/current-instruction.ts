import { Fault } from '../base/index.ts';
import { currentInstructionLine, type Instruction } from '../disasm/index.ts';
import type { Console, Scope } from './console.ts';
import { type Line, span } from './output.ts';

/** The instruction at the scope's ip; undefined when its bytes are absent or are no code. */
export function currentInstruction({ system }: Console, { registers }: Scope): Instruction | undefined {
  return registers.ip === undefined ? undefined : system.decodeAt(registers.ip);
}

/** The symbol line and the instruction at the scope's ip, with its memory operand's address and value. */
export function currentInstructionLines(console: Console, scope: Scope): Line[] {
  const { system } = console;
  const { ip } = scope.registers;
  if (ip === undefined) return [];
  const heading: Line = [span(`${system.symbols.nameOf(ip) ?? system.addressText(ip)}:`, 'symbol')];
  const instruction = currentInstruction(console, scope);
  if (instruction === undefined) {
    const missing = system.memory.tryRead(ip, 1) instanceof Fault;
    return [
      heading,
      [span(system.addressText(ip), 'address'), missing ? ' ??              ???' : ' (not decoded)'],
    ];
  }
  const read = (va: bigint, size: number) => {
    const bytes = console.memory.tryRead(va, size);
    return bytes instanceof Fault ? undefined : bytes;
  };
  const symbolize = (va: bigint) => system.symbols.nameOf(va);
  // Trap frames of x64 are shown without selectors.
  const selectors = scope.kind !== 'trap' || system.machine === 'x86';
  return [heading, [currentInstructionLine(instruction, scope.registers, read, { symbolize, selectors })]];
}
