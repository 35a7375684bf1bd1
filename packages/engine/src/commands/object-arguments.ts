import { DebuggerError, type Va } from '../base/index.ts';
import { type Command, usageError } from './command.ts';
import type { Console } from './console.ts';
import { takeExpression } from './evaluate-in.ts';

/** -1: the current one. */
export const current = 0xffff_ffff_ffff_ffffn;

/** Kernel objects lie in the upper half of the address space; what is below is an ID. */
export const isId = (value: bigint): boolean => value < 1n << 63n;

/** An expression that is an address, an ID or -1. */
export function takeObject(
  console: Console,
  text: string,
): { readonly value: bigint; readonly rest: string } {
  const minus = /^-1(?=\s|$)/.exec(text);
  return minus === null ? takeExpression(console, text) : { value: current, rest: text.slice(2).trim() };
}

/** Bits that say how much is shown; undefined where there are none. */
export function takeFlags(
  command: Command,
  console: Console,
  text: string,
): { readonly flags: number | undefined; readonly rest: string } {
  if (text === '') return { flags: undefined, rest: '' };
  const { value, rest } = takeExpression(console, text);
  if (value > 0xffn) throw usageError(command, `the flags ${value.toString(16)} are more than there are`);
  return { flags: Number(value), rest };
}

/** What stands at an address is not what was asked for. */
export function checkObject(
  { system }: Console,
  what: string,
  va: Va,
  isOne: boolean | undefined,
): asserts isOne is true {
  if (isOne === true) return;
  const where = system.addressText(va);
  if (isOne === undefined) {
    const why = system.target.whyUnreadable(va);
    throw new DebuggerError(
      'MEMORY_UNREADABLE',
      `the ${what} at ${where} cannot be read${why === undefined ? '' : `: ${why}`}`,
    );
  }
  throw new DebuggerError('NO_SUCH_RECORD', `the object at ${where} is no ${what}`);
}
