import { DebuggerError } from '../base/index.ts';
import { type CodeRow, disassemble } from '../code/index.ts';
import { instructionLine } from '../disasm/index.ts';
import { bigHex } from './call-text.ts';
import { bareLine, requireDisassembler } from './code-lines.ts';
import type { Command } from './command.ts';
import type { Console } from './console.ts';
import { requirePhysical } from './display-physical.ts';
import { type Line, span } from './output.ts';
import { parseRange } from './range.ts';

const defaultCount = 8;
const highestPa = 1n << 52n;

export const unassemblePhysical: Command = {
  names: ['up'],
  usage: 'PHYSICAL-ADDR [LCOUNT | END]',
  summary: 'disassemble physical memory',
  group: 'code',
  details: ['Branches lead to physical addresses here, and nothing has a name.'],
  run(console, args) {
    requireDisassembler(console);
    const physical = requirePhysical(console);
    const { start, count, by } = parseRange(console, args, {
      fallback: undefined,
      count: defaultCount,
      elementSize: 1,
    });
    if (start >= highestPa)
      throw new DebuggerError('COMMAND_USAGE', 'a physical address has 52 bits at most');
    const limit = by === 'end' ? { count, end: start + BigInt(count) } : { count };
    const rows = disassemble(console.system, start, {
      ...limit,
      read: (pa, length) => physical.tryRead(Number(pa), length),
    });
    const end = limit.end === undefined ? '' : `, end: ${bigHex(limit.end)}`;
    const read = '(pa, length) => session.system.target.dump.physical.tryRead(Number(pa), length)';
    return {
      data: rows,
      lines: rows.map((row) => physicalLine(console, row)),
      call: `engine.disassemble(session.system, ${bigHex(start)}, { count: ${count}${end}, read: ${read} })`,
    };
  },
};

/** Physical addresses are marked as in `!db`. */
function physicalLine({ system }: Console, row: CodeRow): Line {
  if (row.instruction === undefined)
    return [span('#', 'dim'), ...bareLine(system.addressText(row.address), row)];
  return [span('#', 'dim'), instructionLine(row.instruction, () => undefined)];
}
