import { padHex } from '../base/index.ts';
import { type Line, span } from './output.ts';

/** One row of a memory display. */
export interface MemoryRow {
  readonly address: bigint;
  readonly bytes: Uint8Array;
  /** 1 where the byte was read. */
  readonly mask: Uint8Array;
}

/** How one of the display commands cuts memory into cells. */
export interface CellFormat {
  readonly elementSize: number;
  readonly perRow: number;
  /** Characters behind the cells. */
  readonly text: boolean;
}

export const cellFormats = {
  db: { elementSize: 1, perRow: 16, text: true },
  dw: { elementSize: 2, perRow: 8, text: false },
  dd: { elementSize: 4, perRow: 4, text: false },
  dq: { elementSize: 8, perRow: 2, text: false },
  dc: { elementSize: 4, perRow: 4, text: true },
} as const satisfies Readonly<Record<string, CellFormat>>;

/** Cuts bytes with their mask into rows. */
export function memoryRows(
  start: bigint,
  bytes: Uint8Array,
  mask: Uint8Array,
  format: CellFormat,
): MemoryRow[] {
  const rows: MemoryRow[] = [];
  const length = format.elementSize * format.perRow;
  for (let at = 0; at < bytes.length; at += length) {
    const end = Math.min(at + length, bytes.length);
    const address = BigInt.asUintN(64, start + BigInt(at));
    rows.push({ address, bytes: bytes.subarray(at, end), mask: mask.subarray(at, end) });
  }
  return rows;
}

/** A row in the debugger's layout, behind its address as the caller writes it. */
export function rowLine(address: string, row: MemoryRow, format: CellFormat): Line {
  const cells: string[] = [];
  for (let at = 0; at < row.bytes.length; at += format.elementSize)
    cells.push(cellText(row, at, format.elementSize));
  const parts: Line = [span(address, 'address'), '  ', joinCells(cells, format)];
  return format.text ? [...parts, '  ', rowText(row)] : parts;
}

function joinCells(cells: readonly string[], format: CellFormat): string {
  const bytewise = format.elementSize === 1;
  const joined = cells
    .map((cell, index) => (index === 0 ? cell : `${bytewise && index === 8 ? '-' : ' '}${cell}`))
    .join('');
  const full = format.perRow * (format.elementSize * 2 + 1) - 1;
  return format.text ? joined.padEnd(full) : joined;
}

function cellText(row: MemoryRow, at: number, size: number): string {
  const whole = row.mask.subarray(at, at + size).every((bit) => bit === 1);
  let digits = '';
  for (let index = size - 1; index >= 0; index--)
    digits += whole ? padHex(row.bytes[at + index] ?? 0, 2) : '??';
  return size === 8 ? `${digits.slice(0, 8)}\`${digits.slice(8)}` : digits;
}

function rowText(row: MemoryRow): string {
  let text = '';
  row.bytes.forEach((byte, index) => {
    text += row.mask[index] === 0 ? '?' : byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
  });
  return text;
}
