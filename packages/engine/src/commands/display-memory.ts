import { wrap64 } from '../base/index.ts';
import type { Command } from './command.ts';
import type { Console } from './console.ts';
import { type CellFormat, cellFormats, memoryRows, rowLine } from './memory-rows.ts';
import { parseRange } from './range.ts';
import { readWithHoles } from './read-memory.ts';

export const displayMemory: Command = {
  names: ['db', 'dw', 'dd', 'dq', 'dc', 'dp', 'd'],
  usage: '[RANGE]',
  summary: 'display memory as bytes, words, dwords, qwords, dwords with text, pointers',
  group: 'memory',
  joins: /^[@$(]/,
  details: [
    'RANGE is ADDR, ADDR LCOUNT or ADDR END. Without it the display goes on where the last one ended.',
    'At most 65536 elements are shown at once.',
    'Bytes that the dump does not hold are shown as ??.',
  ],
  run(console, args, name) {
    const format = formatOf(console, name);
    const { start, count } = parseRange(console, args, {
      fallback: console.nextData ?? console.scope?.registers.ip,
      count: 128 / format.elementSize,
      elementSize: format.elementSize,
    });
    const length = count * format.elementSize;
    const { bytes, mask } = readWithHoles(console, start, length);
    console.nextData = wrap64(start + BigInt(length));
    const rows = memoryRows(start, bytes, mask, format);
    return {
      data: { name, rows },
      lines: rows.map((row) => rowLine(console.system.addressText(row.address), row, format)),
    };
  },
};

function formatOf(console: Console, name: string): CellFormat {
  if (name === 'dp') return console.system.target.pointerSize === 8 ? cellFormats.dq : cellFormats.dd;
  return name in cellFormats ? cellFormats[name as keyof typeof cellFormats] : cellFormats.db;
}
