import { DebuggerError } from '../base/index.ts';
import { type CodeBefore, disassembleBefore } from '../code/index.ts';
import { bigHex } from './call-text.ts';
import { codeLines, codeOf, requireDisassembler } from './code-lines.ts';
import { type Command, usageError } from './command.ts';
import { type Line, span } from './output.ts';
import { parseRange } from './range.ts';
import { readText } from './unassemble.ts';

const defaultCount = 8;
const maxCount = 0x1000;

export const unassembleBackwards: Command = {
  names: ['ub'],
  usage: '[ADDR [LCOUNT]]',
  summary:
    'disassemble what is before an address; without ADDR before the last listing or the current instruction',
  group: 'code',
  joins: /^[@$(.\d]/,
  details: [
    'COUNT is in instructions, 8 when absent. Instructions of x86 cannot be read backwards: they are counted from the',
    'start of the function where a table or an export tells it, else found by trial, and then the last line says so.',
  ],
  run(console, args) {
    requireDisassembler(console);
    const { start, count, by } = parseRange(console, args, {
      fallback: console.nextCode ?? console.scope?.registers.ip,
      count: defaultCount,
      elementSize: 1,
    });
    if (by === 'end') throw usageError(unassembleBackwards, 'give a count, not an end');
    if (count > maxCount)
      throw new DebuggerError('RANGE_TOO_LARGE', `at most ${maxCount} instructions are found backwards`);
    const before = disassembleBefore(console.system, start, count, codeOf(console));
    const [first] = before.rows;
    if (first === undefined) {
      const where = console.system.addressText(start);
      throw new DebuggerError('MEMORY_UNREADABLE', `no code can be read before ${where}`);
    }
    console.nextCode = first.address;
    const read = console.memory === console.system.memory ? '' : `, ${readText}`;
    return {
      data: before,
      lines: [...codeLines(console, before.rows), ...noteLines(before)],
      call: `engine.disassembleBefore(session.system, ${bigHex(start)}, ${count}${read})`,
    };
  },
};

/** Where the rows were counted from, unless it is the start of the same function. */
function noteLines({ knownBy }: CodeBefore): Line[] {
  if (knownBy === undefined)
    return [[span('(no table tells where code begins here: found by trial)', 'dim')]];
  if (knownBy !== 'code before') return [];
  return [[span('(counted from the nearest known code before; what lies between may be data)', 'dim')]];
}
