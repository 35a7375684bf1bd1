import { DebuggerError, type Va } from '../base/index.ts';
import type { Console } from './console.ts';
import { evaluateIn } from './evaluate-in.ts';

/** Most elements that one display command shows. */
const maxElements = 0x10000;

/** An address range as typed: `ADDR`, `ADDR LCOUNT` or `ADDR END` (inclusive); the count is in elements. */
export interface Range {
  readonly start: Va;
  readonly count: number;
  /** How the length was given. */
  readonly by: 'count' | 'end' | 'default';
}

/** Reads a range; `fallback` serves where no address is given. `elementSize` in bytes turns an end into a count. */
export function parseRange(
  console: Console,
  text: string,
  options: { readonly fallback: Va | undefined; readonly count: number; readonly elementSize: number },
): Range {
  const { address, count, end } = splitRange(text);
  const start = address === '' ? options.fallback : evaluateIn(console, address);
  if (start === undefined) throw new DebuggerError('COMMAND_USAGE', 'an address is missing');
  if (count !== undefined) return { start, count: bounded(evaluateIn(console, count)), by: 'count' };
  if (end === undefined) return { start, count: options.count, by: 'default' };
  const last = evaluateIn(console, end);
  if (last < start) throw new DebuggerError('COMMAND_USAGE', 'the range ends before it starts');
  return { start, count: bounded((last - start) / BigInt(options.elementSize) + 1n), by: 'end' };
}

function bounded(count: bigint): number {
  if (count > BigInt(maxElements))
    throw new DebuggerError('RANGE_TOO_LARGE', `the range has more than ${maxElements} elements`);
  return Number(count);
}

/** Cuts `a L8`, `a b` or `a` without cutting inside an expression such as `a + 8`. */
export function splitRange(text: string): { address: string; count?: string; end?: string } {
  const counted = /^(.*?)(?:^|\s)[lL]\s*\??\s*((?:0[xnty])?[0-9a-f`]+h?|[(@$].*)$/i.exec(text.trim());
  if (counted !== null) return { address: counted[1]!.trim(), count: counted[2]! };
  const parts = /^(.*[\w)`.])\s+([\w(@$.`!].*)$/.exec(text.trim());
  const operatorWord = /(?:^|\s)(?:and|or|xor|mod|not|hi|low|by|wo|dwo|qwo|poi)$/i;
  if (parts !== null && !operatorWord.test(parts[1]!) && !/^(?:and|or|xor|mod)\b/i.test(parts[2]!)) {
    return { address: parts[1]!, end: parts[2]! };
  }
  return { address: text.trim() };
}
