import { DebuggerError, describeFault, Fault, padHex, type Va, wrap64 } from '../base/index.ts';
import { type Instruction, instructionLine } from '../disasm/index.ts';
import type { Command } from './command.ts';
import type { Console } from './console.ts';
import { type Line, span } from './output.ts';
import { parseRange } from './range.ts';

const defaultCount = 8;

export const unassemble: Command = {
  names: ['u'],
  usage: '[ADDR [LCOUNT | END]]',
  summary: 'disassemble; without ADDR from the current instruction on',
  group: 'code',
  joins: /^[@$(.\d]/,
  run(console, args) {
    const { start, count, by } = parseRange(console, args, {
      fallback: console.nextCode ?? console.scope?.registers.ip,
      count: defaultCount,
      elementSize: 1,
    });
    const rows =
      by === 'end'
        ? decodeRows(console, start, maxRows, start + BigInt(count))
        : decodeRows(console, start, count);
    const last = rows.at(-1);
    if (last !== undefined) console.nextCode = wrap64(last.address + BigInt(last.length));
    return { data: rows, lines: rowLines(console, rows) };
  },
};

interface Row {
  readonly address: Va;
  readonly length: number;
  readonly instruction: Instruction | undefined;
  /** First byte, where it is there but starts no instruction. */
  readonly byte: number | undefined;
}

const maxRows = 0x1000;

function decodeRows({ system }: Console, start: Va, count: number, end?: Va): Row[] {
  if (system.disassembler === undefined)
    throw new DebuggerError('COMMAND_USAGE', 'no disassembler was loaded for this dump');
  const rows: Row[] = [];
  let address = start;
  while (rows.length < Math.min(count, maxRows) && (end === undefined || address < end)) {
    const instruction = system.decodeAt(address);
    const first = instruction === undefined ? system.memory.tryRead(address, 1) : undefined;
    const byte = first instanceof Fault ? undefined : first?.[0];
    const step = instruction?.length ?? (system.machine === 'arm64' ? 4 : 1);
    rows.push({ address, length: step, instruction, byte });
    if (first instanceof Fault) break;
    address = wrap64(address + BigInt(step));
  }
  return rows;
}

function rowLines(console: Console, rows: readonly Row[]): Line[] {
  const { system } = console;
  const lines: Line[] = [];
  let heading = '';
  rows.forEach((row, index) => {
    const name = system.symbols.nameOf(row.address);
    const base = (name ?? '').replace(/\+0x[0-9a-f]+$/, '');
    if (name !== undefined && (index === 0 || (base !== heading && base.includes('!'))))
      lines.push([span(`${name}:`, 'symbol')]);
    heading = base;
    lines.push(rowLine(console, row));
  });
  return lines;
}

function rowLine({ system }: Console, row: Row): Line {
  if (row.instruction !== undefined)
    return [instructionLine(row.instruction, (va) => system.symbols.nameOf(va))];
  const address = span(system.addressText(row.address), 'address');
  if (row.byte !== undefined) return [address, ` ${padHex(row.byte, 2).padEnd(16)}???`];
  const fault = system.memory.tryRead(row.address, 1);
  const why = fault instanceof Fault ? describeFault(fault) : '';
  return [address, ` ${'??'.padEnd(16)}???`, span(`  (${why})`, 'dim')];
}
