import { DebuggerError, type Va } from '../base/index.ts';
import type { Console } from './console.ts';
import { evaluateIn, takeExpression as takeOne } from './evaluate-in.ts';

/** Most elements that one display command shows. */
const maxElements = 0x10000;
/** Longest range in bytes that needs no `L?`. Source: the debugger's documentation. */
const maxBytes = 0x1000_0000n;
const addressSpace = 1n << 64n;

/**
 * An address range as typed: `ADDR`, `ADDR LCOUNT`, `ADDR L-COUNT` (what is before ADDR) or `ADDR END` (inclusive); the
 * count is in elements.
 */
export interface Range {
  readonly start: Va;
  readonly count: number;
  /** How the length was given. */
  readonly by: 'count' | 'end' | 'default';
}

/** A range of a command that takes more arguments behind it. */
export interface ByteRange {
  readonly start: Va;
  /** In bytes, at least 1; the range ends at the latest where the address space does. */
  readonly length: bigint;
  readonly by: 'count' | 'end' | 'default';
}

export interface RangeOptions {
  /** Bytes of an element. */
  readonly elementSize: number;
  /** Elements where the text gives no length; without it a length is required. */
  readonly count?: number;
}

/**
 * Reads the range that a text begins with; what follows it is `rest`, without blanks before. After an address that is
 * followed by anything else than `L` the next expression is the range's end, unless `count` is given: then it stays in
 * `rest` for lack of a way to tell. Throws RANGE_TOO_LARGE for more than 256 MB without `L?`.
 */
export function takeRange(
  console: Console,
  text: string,
  { elementSize, count }: RangeOptions,
): { readonly range: ByteRange; readonly rest: string } {
  const first = takeExpression(console, text);
  const size = BigInt(elementSize);
  const counted = takeCount(console, first.rest);
  if (counted !== undefined) {
    const length = counted.count * size;
    const start = counted.before ? first.value - length : first.value;
    if (start < 0n) throw new DebuggerError('COMMAND_USAGE', 'the range begins before address 0');
    return { range: bounded(start, length, 'count', counted.unlimited), rest: counted.rest };
  }
  if (count !== undefined)
    return { range: bounded(first.value, BigInt(count) * size, 'default', true), rest: first.rest };
  if (first.rest === '') throw new DebuggerError('COMMAND_USAGE', 'the length of the range is missing');
  const last = takeExpression(console, first.rest);
  if (last.value < first.value) throw new DebuggerError('COMMAND_USAGE', 'the range ends before it starts');
  return { range: bounded(first.value, last.value - first.value + 1n, 'end', false), rest: last.rest };
}

/** Parameters may be separated by a comma too. Source: the debugger's documentation of its syntax. */
function takeExpression(console: Console, text: string): { readonly value: bigint; readonly rest: string } {
  const { value, rest } = takeOne(console, text);
  return { value, rest: rest.replace(/^,\s*(?=\S)/, '') };
}

interface Count {
  readonly count: bigint;
  /** `L-`: the elements before the address. */
  readonly before: boolean;
  /** `L?`: longer than 256 MB is meant. */
  readonly unlimited: boolean;
  readonly rest: string;
}

function takeCount(console: Console, text: string): Count | undefined {
  const mark = /^[lL]\s*(\?)?\s*(-)?/.exec(text);
  if (mark === null) return undefined;
  const behind = text.slice(mark[0].length);
  const { value, rest } = takeExpression(console, behind);
  const typed = behind.slice(0, behind.length - rest.length).trim();
  // A constant of 32 bits was sign-extended, and is no length for that; one of 64 bits means all of memory.
  const isNarrow = value >> 31n === 0x1_ffff_ffffn && !/^(?:0x)?[\da-f`]{9,}$/i.test(typed);
  const count = isNarrow ? value & 0xffff_ffffn : value;
  return { count, before: mark[2] !== undefined, unlimited: mark[1] !== undefined, rest };
}

function bounded(start: Va, length: bigint, by: ByteRange['by'], unlimited: boolean): ByteRange {
  if (length === 0n) throw new DebuggerError('COMMAND_USAGE', 'the range is empty');
  if (!unlimited && length > maxBytes)
    throw new DebuggerError('RANGE_TOO_LARGE', 'the range has more than 256 MB: L? in place of L allows it');
  const most = addressSpace - start;
  return { start, length: length < most ? length : most, by };
}

/** Reads the range that is a command's last argument; `fallback` serves where no address is given. */
export function parseRange(
  console: Console,
  text: string,
  options: { readonly fallback: Va | undefined; readonly count: number; readonly elementSize: number },
): Range {
  const { fallback, count, elementSize } = options;
  const { start, rest } = takeStart(console, text.trim(), fallback);
  if (rest === '') return { start, count, by: 'default' };
  const counted = takeCount(console, rest);
  if (counted === undefined) {
    const last = evaluateIn(console, rest);
    if (last < start) throw new DebuggerError('COMMAND_USAGE', 'the range ends before it starts');
    return { start, count: fewEnough((last - start) / BigInt(elementSize) + 1n), by: 'end' };
  }
  if (counted.rest !== '')
    throw new DebuggerError(
      'COMMAND_USAGE',
      `there is more behind the range: '${counted.rest.slice(0, 40)}'`,
    );
  const elements = fewEnough(counted.count);
  const before = counted.before ? BigInt(elements * elementSize) : 0n;
  if (before > start) throw new DebuggerError('COMMAND_USAGE', 'the range begins before address 0');
  return { start: start - before, count: elements, by: 'count' };
}

/** `L8` alone counts from where the last display ended. */
function takeStart(
  console: Console,
  text: string,
  fallback: Va | undefined,
): { readonly start: Va; readonly rest: string } {
  if (text !== '' && !/^[lL]\s*\??\s*-?\s*(?:[\d(@$]|[a-f]+\b)/i.test(text)) {
    const { value, rest } = takeExpression(console, text);
    return { start: value, rest };
  }
  if (fallback === undefined) throw new DebuggerError('COMMAND_USAGE', 'an address is missing');
  return { start: fallback, rest: text };
}

function fewEnough(count: bigint): number {
  if (count === 0n) throw new DebuggerError('COMMAND_USAGE', 'the range is empty');
  if (count > BigInt(maxElements))
    throw new DebuggerError('RANGE_TOO_LARGE', `the range has more than ${maxElements} elements`);
  return Number(count);
}
