import { DebuggerError, tickHex, wrap64 } from '../base/index.ts';
import { type MemoryBytes, readBytes, readPhysicalBytes } from '../memory/index.ts';
import { bigHex } from './call-text.ts';
import type { Console } from './console.ts';
import { evaluateIn } from './evaluate-in.ts';
import { requirePhysical } from './physical.ts';
import { parseRange } from './range.ts';

/** What a display command is asked to show. */
export interface DisplayRange {
  readonly start: bigint;
  readonly count: number;
  readonly elementSize: number;
  /** `start` is a physical address. */
  readonly physical: boolean;
  /** `/c`: elements in a row. */
  readonly columns: number | undefined;
  /** How the length was given. */
  readonly by: 'count' | 'end' | 'default';
}

const highestPa = 1n << 52n;
const mostColumns = 0x1000n;

/**
 * Reads `[/c WIDTH] [/p] [RANGE]`. How memory was cached does not matter in a dump: `/p[c]`, `/p[uc]` and `/p[wc]` are
 * `/p`. Without an address the display goes on where the last one ended.
 */
export function displayRange(
  console: Console,
  args: string,
  options: { readonly elementSize: number; readonly count: number; readonly fallback?: bigint | undefined },
): DisplayRange {
  let text = args;
  let physical = false;
  let columns: number | undefined;
  for (;;) {
    const option = /^\/(?:(p)(?:\[(?:c|uc|wc)\])?(?=\s|$)|c\s*([\w`]+))\s*/i.exec(text);
    if (option === null) break;
    if (option[1] !== undefined) physical = true;
    else columns = columnCount(console, option[2]!);
    text = text.slice(option[0].length);
  }
  if (text.startsWith('/'))
    throw new DebuggerError('COMMAND_USAGE', `'${text.split(/\s/, 1)[0]}' is no option of a display`);
  return { ...rangeOf(console, text, options, physical), columns };
}

/** A range of virtual memory, or of physical memory. */
export function rangeOf(
  console: Console,
  text: string,
  {
    elementSize,
    count,
    fallback,
  }: { readonly elementSize: number; readonly count: number; readonly fallback?: bigint | undefined },
  physical: boolean,
): DisplayRange {
  const next = physical
    ? console.nextPhysical
    : (console.nextData ?? fallback ?? console.scope?.registers.ip);
  const range = parseRange(console, text, { fallback: next, count, elementSize });
  if (physical) {
    requirePhysical(console);
    if (range.start + BigInt(range.count * elementSize) > highestPa)
      throw new DebuggerError('COMMAND_USAGE', 'a physical address has 52 bits at most');
  }
  return { ...range, elementSize, physical, columns: undefined };
}

function columnCount(console: Console, text: string): number {
  const width = evaluateIn(console, text);
  if (width < 1n || width > mostColumns)
    throw new DebuggerError('COMMAND_USAGE', `a row has 1 to ${mostColumns} columns`);
  return Number(width);
}

/** The bytes of a range; the next display goes on behind them. */
export function readDisplayed(console: Console, range: DisplayRange): MemoryBytes {
  const { start, count, elementSize, physical } = range;
  const length = count * elementSize;
  goOn(console, range, length);
  if (physical) return readPhysicalBytes(requirePhysical(console), Number(start), length);
  return readBytes(console.memory, start, length);
}

/** The next display begins so many bytes behind the start of this one. */
export function goOn(console: Console, { start, physical }: DisplayRange, length: number): void {
  if (physical) console.nextPhysical = start + BigInt(length);
  else console.nextData = wrap64(start + BigInt(length));
}

/** The engine's call that gives the bytes of a range. */
export function bytesCall({ start, count, elementSize, physical }: DisplayRange): string {
  const length = count * elementSize;
  return physical
    ? `engine.readPhysicalBytes(session.system.target.dump.physical, 0x${start.toString(16)}, ${length})`
    : `engine.readBytes(session.console.memory, ${bigHex(start)}, ${length})`;
}

/** How the address of a row is shown: physical ones of a `/p` display look like virtual ones. */
export const addressOf = (console: Console, { physical }: DisplayRange, address: bigint): string => {
  const { addressText } = console.system;
  return physical && address >> 32n !== 0n ? tickHex(address) : addressText(address);
};
