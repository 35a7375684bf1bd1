import { padHex, readU32, readU64 } from '../base/index.ts';
import { isWhole } from '../memory/index.ts';
import { numberText } from './number-text.ts';
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
  /** Characters of a cell. */
  readonly width: number;
  /** An element that was read. */
  show(bytes: Uint8Array, at: number): string;
  /** One of which a byte is missing. */
  readonly missing: string;
}

const hexCells = (elementSize: 1 | 2 | 4 | 8, perRow: number, text: boolean): CellFormat => ({
  elementSize,
  perRow,
  text,
  width: elementSize === 8 ? 17 : elementSize * 2,
  show: (bytes, at) => ticked(hexDigits(bytes, at, elementSize)),
  missing: ticked('??'.repeat(elementSize)),
});

/** Numbers stand at the right of their cells. */
const numberCells = (
  elementSize: 4 | 8,
  perRow: number,
  width: number,
  show: CellFormat['show'],
): CellFormat => ({
  elementSize,
  perRow,
  text: false,
  width,
  show: (bytes, at) => show(bytes, at).padStart(width),
  missing: '??'.repeat(elementSize).padStart(width),
});

const floats = new DataView(new ArrayBuffer(8));

function floatOf(bytes: Uint8Array, at: number): string {
  floats.setUint32(0, readU32(bytes, at));
  return numberText(floats.getFloat32(0), 8);
}

function doubleOf(bytes: Uint8Array, at: number): string {
  floats.setBigUint64(0, readU64(bytes, at));
  return numberText(floats.getFloat64(0), 12);
}

export const cellFormats = {
  db: hexCells(1, 16, true),
  dw: hexCells(2, 8, false),
  dW: hexCells(2, 8, true),
  dd: hexCells(4, 4, false),
  dq: hexCells(8, 2, false),
  dc: hexCells(4, 4, true),
  df: numberCells(4, 4, 16, floatOf),
  dD: numberCells(8, 3, 22, doubleOf),
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

/** A row in the debugger's layout, behind its address as the caller writes it; `gap` parts the columns. */
export function rowLine(address: string, row: MemoryRow, format: CellFormat, gap = '  '): Line {
  const cells: string[] = [];
  for (let at = 0; at < row.bytes.length; at += format.elementSize)
    cells.push(isWhole(row.mask, at, format.elementSize) ? format.show(row.bytes, at) : format.missing);
  const parts: Line = [span(address, 'address'), gap, joinCells(cells, format)];
  return format.text ? [...parts, gap, rowText(row)] : parts;
}

function joinCells(cells: readonly string[], format: CellFormat): string {
  const bytewise = format.elementSize === 1;
  const joined = cells
    .map((cell, index) => (index === 0 ? cell : `${bytewise && index % 16 === 8 ? '-' : ' '}${cell}`))
    .join('');
  return format.text ? joined.padEnd(format.perRow * (format.width + 1) - 1) : joined;
}

/** Bytes of an integer as digits, the highest first. */
export function hexDigits(bytes: Uint8Array, at: number, size: number): string {
  let digits = '';
  for (let index = size - 1; index >= 0; index--) digits += padHex(bytes[at + index] ?? 0, 2);
  return digits;
}

/** 16 digits with a grave accent in the middle; fewer as they are. */
function ticked(digits: string): string {
  return digits.length === 16 ? `${digits.slice(0, 8)}\`${digits.slice(8)}` : digits;
}

/** A word of 4 or 8 bytes in the debugger's layout. */
export const wordText = (value: bigint | undefined, size: 4 | 8): string =>
  ticked(value === undefined ? '??'.repeat(size) : padHex(value, size * 2));

function rowText(row: MemoryRow): string {
  let text = '';
  row.bytes.forEach((byte, index) => {
    text += row.mask[index] === 0 ? '?' : byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
  });
  return text;
}
