import { padHex, type Va, wrap64 } from '../base/index.ts';
import { type Command, type Console, parseRange, readWithHoles } from './command.ts';
import { type Line, span } from './output.ts';

/** Rows of one display command. */
export interface MemoryRow {
  readonly address: Va;
  readonly bytes: Uint8Array;
  /** 1 where the byte was read. */
  readonly mask: Uint8Array;
}

interface Format {
  readonly elementSize: number;
  readonly perRow: number;
  readonly text: boolean;
}

const formats: Readonly<Record<string, Format>> = {
  db: { elementSize: 1, perRow: 16, text: true },
  dw: { elementSize: 2, perRow: 8, text: false },
  dd: { elementSize: 4, perRow: 4, text: false },
  dq: { elementSize: 8, perRow: 2, text: false },
  dc: { elementSize: 4, perRow: 4, text: true },
};

export const displayMemory: Command = {
  names: ['db', 'dw', 'dd', 'dq', 'dc', 'dp', 'd'],
  usage: '[RANGE]',
  summary: 'display memory as bytes, words, dwords, qwords, dwords with text, pointers',
  details: [
    'RANGE is ADDR, ADDR LCOUNT or ADDR END. Without it the display goes on where the last one ended.',
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
    const rows: MemoryRow[] = [];
    const rowBytes = format.elementSize * format.perRow;
    for (let at = 0; at < length; at += rowBytes) {
      const end = Math.min(at + rowBytes, length);
      rows.push({ address: wrap64(start + BigInt(at)), bytes: bytes.subarray(at, end), mask: mask.subarray(at, end) });
    }
    return { data: { name, rows }, lines: rows.map((row) => rowLine(console, row, format)) };
  },
};

function formatOf(console: Console, name: string): Format {
  if (name === 'dp') return formats[console.system.target.pointerSize === 8 ? 'dq' : 'dd']!;
  return formats[name] ?? formats['db']!;
}

function rowLine(console: Console, row: MemoryRow, format: Format): Line {
  const cells: string[] = [];
  for (let at = 0; at < row.bytes.length; at += format.elementSize) cells.push(cellText(row, at, format.elementSize));
  const parts: Line = [span(console.system.addressText(row.address), 'address'), '  ', joinCells(cells, format)];
  return format.text ? [...parts, '  ', rowText(row)] : parts;
}

function joinCells(cells: readonly string[], format: Format): string {
  const bytewise = format.elementSize === 1;
  const joined = cells.map((cell, index) => (index === 0 ? cell : `${bytewise && index === 8 ? '-' : ' '}${cell}`)).join('');
  const full = format.perRow * (format.elementSize * 2 + 1) - 1;
  return format.text ? joined.padEnd(full) : joined;
}

function cellText(row: MemoryRow, at: number, size: number): string {
  const whole = row.mask.subarray(at, at + size).every((bit) => bit === 1);
  let digits = '';
  for (let index = size - 1; index >= 0; index--) digits += whole ? padHex(row.bytes[at + index] ?? 0, 2) : '??';
  return size === 8 ? `${digits.slice(0, 8)}\`${digits.slice(8)}` : digits;
}

function rowText(row: MemoryRow): string {
  let text = '';
  row.bytes.forEach((byte, index) => {
    text += row.mask[index] === 0 ? '?' : byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
  });
  return text;
}
