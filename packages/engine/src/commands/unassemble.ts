import { type Va, wrap64 } from '../base/index.ts';
import { type CodeRange, type CodeRow, walkCode } from '../code/index.ts';
import { bigHex } from './call-text.ts';
import { codeLines, codeOf, requireDisassembler } from './code-lines.ts';
import { type Command, type CommandRun, tick } from './command.ts';
import type { Console } from './console.ts';
import { parseRange } from './range.ts';

const defaultCount = 8;
/** Rows that one command shows at most, however long its range is. */
const maxRows = 0x1_0000;
const stepRows = 0x100;

export const unassemble: Command = {
  names: ['u', 'uu'],
  usage: '[ADDR [LCOUNT | END]]',
  summary: 'disassemble; without ADDR go on, at first from the current instruction',
  group: 'code',
  joins: /^[@$(.\d]/,
  details: [
    'COUNT is in instructions, 8 when absent. u ends at the first byte that is missing, uu goes on behind it.',
    '[br=1] stands behind the current instruction when it is a branch that will be taken, [br=0] when not.',
  ],
  *run(console, args, name): CommandRun {
    requireDisassembler(console);
    const { start, count, by } = parseRange(console, args, {
      fallback: console.nextCode ?? console.scope?.registers.ip,
      count: defaultCount,
      elementSize: 1,
    });
    const range: CodeRange = {
      ...(by === 'end' ? { count: maxRows, end: start + BigInt(count) } : { count }),
      ...(name === 'uu' ? { pastMissing: true } : {}),
    };
    const rows: CodeRow[] = [];
    for (const row of walkCode(console.system, start, { ...range, read: codeOf(console) })) {
      rows.push(row);
      if (rows.length % stepRows === 0) yield tick;
    }
    const last = rows.at(-1);
    if (last !== undefined) console.nextCode = behind(last, name);
    return { data: rows, lines: codeLines(console, rows), call: callOf(console, start, range) };
  },
};

/** Where the next listing goes on: behind the last row, or at the byte that ended this one. */
const behind = ({ address, length, missing }: CodeRow, name: string): Va =>
  missing === undefined || name === 'uu' ? wrap64(address + BigInt(length)) : address;

function callOf(console: Console, start: Va, { count, end, pastMissing }: CodeRange): string {
  const options = [
    `count: ${count}`,
    ...(end === undefined ? [] : [`end: ${bigHex(end)}`]),
    ...(pastMissing === true ? ['pastMissing: true'] : []),
    ...readOption(console),
  ];
  return `engine.disassemble(session.system, ${bigHex(start)}, { ${options.join(', ')} })`;
}

/** Memory of another process than that of the crash has to be named in a call. */
const readOption = (console: Console): string[] =>
  console.memory === console.system.memory ? [] : [`read: ${readText}`];

/** The part of a call that reads as the console's current process does. */
export const readText = '(va, length) => session.console.memory.tryRead(va, length)';
