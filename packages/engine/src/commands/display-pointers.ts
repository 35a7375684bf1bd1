import { readU32, readU64, signExtend32, type Va, wrap64 } from '../base/index.ts';
import type { Command } from './command.ts';
import { type Line, span } from './output.ts';
import { parseRange } from './range.ts';
import { readWithHoles } from './read-memory.ts';

export interface PointerRow {
  readonly address: Va;
  /** Undefined: not in the dump. */
  readonly value: bigint | undefined;
  readonly symbol: string | undefined;
}

export const displayPointers: Command = {
  names: ['dps', 'dqs', 'dds'],
  usage: '[RANGE]',
  summary: 'display pointers with the names they point at',
  group: 'memory',
  joins: /^[@$(]/,
  details: ['dps shows pointers of the target, dqs 8-byte and dds 4-byte values.'],
  run(console, args, name) {
    const { system } = console;
    const size = name === 'dqs' ? 8 : name === 'dds' ? 4 : system.target.pointerSize;
    const { start, count } = parseRange(console, args, {
      fallback: console.nextData ?? console.scope?.registers.sp,
      count: 128 / size,
      elementSize: size,
    });
    const { bytes, mask } = readWithHoles(console, start, count * size);
    console.nextData = wrap64(start + BigInt(count * size));
    const rows: PointerRow[] = [];
    for (let at = 0; at < count * size; at += size) {
      const present = mask.subarray(at, at + size).every((bit) => bit === 1);
      const value = !present ? undefined : size === 8 ? readU64(bytes, at) : BigInt(readU32(bytes, at));
      const target = value === undefined ? undefined : size === 4 ? signExtend32(Number(value)) : value;
      rows.push({
        address: wrap64(start + BigInt(at)),
        value,
        symbol: target === undefined ? undefined : system.symbols.nameOf(target),
      });
    }
    const lines = rows.map((row): Line => {
      const symbol = row.symbol === undefined ? [] : [' ', span(row.symbol, 'symbol')];
      return [span(system.addressText(row.address), 'address'), '  ', valueText(row.value, size), ...symbol];
    });
    return { data: rows, lines };
  },
};

function valueText(value: bigint | undefined, size: number): string {
  const digits = value === undefined ? '?'.repeat(size * 2) : value.toString(16).padStart(size * 2, '0');
  return size === 8 ? `${digits.slice(0, 8)}\`${digits.slice(8)}` : digits;
}
