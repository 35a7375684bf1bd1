import { DebuggerError, Fault } from '../base/index.ts';
import type { PhysicalMemory } from '../dump/index.ts';
import type { Command } from './command.ts';
import type { Console } from './console.ts';
import { cellFormats, memoryRows, rowLine } from './memory-rows.ts';
import { parseRange } from './range.ts';

const highestPa = 1n << 52n;

export const displayPhysical: Command = {
  names: ['!db', '!dd', '!dq', '!dc'],
  usage: 'PHYSICAL-RANGE',
  summary: 'display physical memory',
  group: 'memory',
  run(console, args, name) {
    const memory = requirePhysical(console);
    const format = cellFormats[name.slice(1) as 'db' | 'dd' | 'dq' | 'dc'];
    const { elementSize } = format;
    const { start, count } = parseRange(console, args, {
      fallback: undefined,
      count: 128 / elementSize,
      elementSize,
    });
    if (start >= highestPa)
      throw new DebuggerError('COMMAND_USAGE', 'a physical address has 52 bits at most');
    const bytes = memory.tryRead(Number(start), count * elementSize);
    if (bytes instanceof Fault) {
      const where = bytes.at.toString(16);
      throw new DebuggerError('MEMORY_UNREADABLE', `Physical memory read at ${where} failed`);
    }
    const rows = memoryRows(start, bytes, new Uint8Array(bytes.length).fill(1), format);
    const address = (pa: bigint) => `#${pa.toString(16).padStart(8, ' ')}`;
    return { data: { name, rows }, lines: rows.map((row) => rowLine(address(row.address), row, format)) };
  },
};

/** Physical memory, or an error that says why this dump has none. */
export function requirePhysical({ system }: Console): PhysicalMemory {
  const { physical, format } = system.target.dump;
  if (physical !== undefined) return physical;
  if (format === 'header')
    throw new DebuggerError('MEMORY_UNREADABLE', 'this dump consists of its header alone');
  throw new DebuggerError(
    'NOT_IN_TRIAGE_DUMP',
    'a small memory dump has no physical memory and no page tables',
  );
}
