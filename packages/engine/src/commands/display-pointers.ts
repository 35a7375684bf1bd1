import { type PointerRow, readPointers } from '../memory/index.ts';
import { bigHex } from './call-text.ts';
import { type Command, type CommandRun, linesStep } from './command.ts';
import type { Console } from './console.ts';
import { displayRange, goOn } from './display-range.ts';
import { wordText } from './memory-rows.ts';
import { type Line, span } from './output.ts';
import { requireVirtual } from './require-virtual.ts';

/** Rows between two steps: names take their time. */
const rowsPerStep = 0x400;

export const displayPointers: Command = {
  names: ['dps', 'dqs', 'dds'],
  usage: '[RANGE]',
  summary: 'display pointers with the names they point at',
  group: 'memory',
  joins: /^[@$(]/,
  details: ['dps shows pointers of the target, dqs 8-byte and dds 4-byte values.'],
  examples: ['dps @rsp', 'dqs @rsp L100', 'dps nt!KiProcessorBlock L4'],
  *run(console, args, name): CommandRun {
    console.display = name;
    const { system } = console;
    const size = pointerSizeOf(console, name);
    const range = displayRange(console, args, {
      elementSize: size,
      count: 128 / size,
      fallback: console.scope?.registers.sp,
    });
    requireVirtual(displayPointers, range);
    goOn(console, range, range.count * size);
    const data: PointerRow[] = [];
    for (let from = 0; from < range.count; from += rowsPerStep) {
      const at = range.start + BigInt(from * size);
      const count = Math.min(rowsPerStep, range.count - from);
      const rows = readPointers(console.memory, system.symbols, at, count, size);
      data.push(...rows);
      yield linesStep(rows.map((row) => pointerLine(console, row, size)));
    }
    const call = `engine.readPointers(session.console.memory, session.system.symbols, ${bigHex(range.start)}, ${range.count}, ${size})`;
    return { data, lines: [], call };
  },
};

/** By the second letter of the command. */
export function pointerSizeOf(console: Console, name: string): 4 | 8 {
  return name[1] === 'q' ? 8 : name[1] === 'd' ? 4 : console.system.target.pointerSize;
}

function pointerLine({ system }: Console, { address, value, symbol }: PointerRow, size: 4 | 8): Line {
  const name = symbol === undefined ? [] : [' ', span(symbol, 'symbol')];
  return [span(system.addressText(address), 'address'), '  ', wordText(value, size), ...name];
}
