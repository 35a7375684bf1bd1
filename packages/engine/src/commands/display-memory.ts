import { DebuggerError } from '../base/index.ts';
import type { Command } from './command.ts';
import type { Console } from './console.ts';
import { addressOf, bytesCall, displayRange, readDisplayed } from './display-range.ts';
import { type CellFormat, cellFormats, memoryRows, rowLine } from './memory-rows.ts';

/** Bytes that a display shows without a length. */
const usualLengths: Readonly<Record<string, number>> = { df: 64, dD: 120 };

export const displayMemory: Command = {
  names: ['db', 'dw', 'dW', 'dd', 'dq', 'dc', 'dp', 'df', 'dD'],
  usage: '[/c WIDTH] [/p] [RANGE]',
  summary: 'display memory: bytes, words, dwords, qwords, pointers, floats',
  group: 'memory',
  joins: /^[@$(/]/,
  details: [
    'db bytes and text, dw words, dW words and text, dd dwords, dc dwords and text, dq qwords, dp pointers, df floats, dD doubles.',
    'RANGE is ADDR, ADDR LCOUNT or ADDR END. Without it the display goes on where the last one ended.',
    '/c WIDTH shows so many in a row; /p reads physical memory. At most 65536 elements are shown at once.',
    'Bytes that the dump does not hold are shown as ??.',
  ],
  examples: ['db @rsp L40', 'dc poi(nt!PsLoadedModuleList)', 'dd /c 1 @rsp L8', 'dq /p 1ad000 L2'],
  run(console, args, name) {
    console.display = name;
    const format = formatOf(console, name);
    const { elementSize } = format;
    const count = (usualLengths[name] ?? 128) / elementSize;
    const range = displayRange(console, args, { elementSize, count });
    const data = readDisplayed(console, range);
    const shown = range.columns === undefined ? format : { ...format, perRow: range.columns };
    const lines = memoryRows(data.address, data.bytes, data.mask, shown).map((row) =>
      rowLine(addressOf(console, range, row.address), row, shown),
    );
    return { data, lines, call: bytesCall(range) };
  },
};

/** The format of a display command; `dp` is one of the target's. */
export function formatOf(console: Console, name: string): CellFormat {
  if (name === 'dp') return console.system.target.pointerSize === 8 ? cellFormats.dq : cellFormats.dd;
  if (name in cellFormats) return cellFormats[name as keyof typeof cellFormats];
  throw new DebuggerError('COMMAND_UNKNOWN', `there is no display '${name}'`);
}
