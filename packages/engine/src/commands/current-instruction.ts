import { Fault } from '../base/index.ts';
import { currentInstructionLine } from '../disasm/index.ts';
import type { Console, Scope } from './console.ts';
import { type Line, span } from './output.ts';

/** The symbol line and the instruction at the scope's ip, with its memory operand's address and value. */
export function currentInstructionLines({ system }: Console, scope: Scope): Line[] {
  const { ip } = scope.registers;
  if (ip === undefined) return [];
  const heading: Line = [span(`${system.symbols.nameOf(ip) ?? system.addressText(ip)}:`, 'symbol')];
  const instruction = system.decodeAt(ip);
  if (instruction === undefined) {
    const missing = system.memory.tryRead(ip, 1) instanceof Fault;
    return [
      heading,
      [span(system.addressText(ip), 'address'), missing ? ' ??              ???' : ' (not decoded)'],
    ];
  }
  const read = (va: bigint, size: number) => system.target.readBytes(va, size);
  const symbolize = (va: bigint) => system.symbols.nameOf(va);
  return [
    heading,
    [
      currentInstructionLine(instruction, scope.registers, read, {
        symbolize,
        selectors: scope.kind === 'context',
      }),
    ],
  ];
}
