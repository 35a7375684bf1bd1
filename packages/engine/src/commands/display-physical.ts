import { DebuggerError, describeFault, Fault } from '../base/index.ts';
import { readPhysicalText } from '../memory/index.ts';
import { type Command, usageError } from './command.ts';
import type { Console } from './console.ts';
import { formatOf } from './display-memory.ts';
import { bytesCall, type DisplayRange, goOn, rangeOf, readDisplayed } from './display-range.ts';
import { memoryRows, rowLine } from './memory-rows.ts';
import type { CommandResult } from './output.ts';
import { requirePhysical } from './physical.ts';
import { printable, usualWidth } from './text-lines.ts';

export { requirePhysical } from './physical.ts';

/** Characters of !da and !du without a length. */
const usualText = 16;

export const displayPhysical: Command = {
  names: ['!db', '!dw', '!dd', '!dq', '!dc', '!dp', '!da', '!du'],
  usage: '[CACHING] [-m] [PHYSICAL-RANGE]',
  summary: 'display physical memory',
  group: 'memory',
  details: [
    'The letters are those of db and its kin. Without an address the display goes on, at first from 0.',
    'CACHING is [c], [uc] or [wc]: how the processor is to read. In a dump it does not matter, nor does -m.',
  ],
  examples: ['!db 1ad000 L40', '!dq [c] 1ad000 L2'],
  run(console, args, name) {
    requirePhysical(console);
    const text = withoutOptions(args);
    if (name === '!da' || name === '!du') return physicalText(console, text, name === '!du' ? 2 : 1);
    const format = formatOf(console, name.slice(1));
    const { elementSize } = format;
    const range = rangeOf(console, text, { elementSize, count: 128 / elementSize }, true);
    const data = readDisplayed(console, range);
    if (!data.mask.includes(1)) throw absent(console, range);
    const lines = memoryRows(data.address, data.bytes, data.mask, format).map((row) =>
      rowLine(rowAddress(row.address), row, format, ' '),
    );
    return { data, lines, call: bytesCall(range) };
  },
};

function withoutOptions(args: string): string {
  const text = args.replace(/^(?:(?:\[(?:c|uc|wc)\]|-m(?=\s|$))\s*)*/i, '');
  if (/^[[-]/.test(text)) throw usageError(displayPhysical, `'${text.split(/\s/, 1)[0]}' is no option`);
  return text;
}

const rowAddress = (pa: bigint): string => `#${pa.toString(16).padStart(8, ' ')}`;

function physicalText(console: Console, text: string, unit: 1 | 2): CommandResult {
  const range = rangeOf(console, text, { elementSize: unit, count: usualText }, true);
  const pa = Number(range.start);
  const data = readPhysicalText(requirePhysical(console), pa, unit, range.count);
  if (data.text === '' && data.end === 'missing') throw absent(console, range);
  goOn(console, range, (data.text.length + (data.end === 'nul' ? 1 : 0)) * unit);
  const rows: string[] = [];
  for (let at = 0; at === 0 || at < data.text.length; at += usualWidth)
    rows.push(
      `${rowAddress(range.start + BigInt(at * unit))} "${printable(data.text.slice(at, at + usualWidth), unit)}"`,
    );
  const call = `engine.readPhysicalText(session.system.target.dump.physical, 0x${pa.toString(16)}, ${unit}, ${range.count})`;
  return { data, lines: rows.map((row) => [row]), call };
}

function absent(console: Console, { start }: DisplayRange): DebuggerError {
  const fault = requirePhysical(console).tryRead(Number(start), 1);
  const why = fault instanceof Fault ? `: ${describeFault(fault)}` : '';
  return new DebuggerError('MEMORY_UNREADABLE', `Physical memory read at ${start.toString(16)} failed${why}`);
}
