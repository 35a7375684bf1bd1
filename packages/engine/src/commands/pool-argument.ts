import { DebuggerError, type Va } from '../base/index.ts';
import { isKernelAddress } from '../pool/index.ts';
import { type Command, progressStep, type Step, usageError } from './command.ts';
import type { Console } from './console.ts';
import { takeExpression } from './evaluate-in.ts';

/** An address in the kernel's half and a number behind it. Throws a DebuggerError. */
export function takePoolAddress(
  console: Console,
  command: Command,
  args: string,
): { readonly va: Va; readonly flags: number } {
  if (args === '') throw usageError(command, 'an address is missing');
  const first = takeExpression(console, args);
  const second = first.rest === '' ? { value: 0n, rest: '' } : takeExpression(console, first.rest);
  if (second.rest !== '') throw usageError(command, 'there are more than two arguments');
  const { system } = console;
  if (!isKernelAddress(system, first.value))
    throw new DebuggerError(
      'ADDRESS_NOT_MAPPED',
      `${system.plainText(first.value)} is no address of the kernel, and pool is nowhere else`,
    );
  return { va: first.value, flags: Number(second.value & 0xffff_ffffn) };
}

/** Tells how far a reader of the pool is. */
export function* withProgress<T>(
  run: Generator<number, T>,
  what = 'reading the tables and lists of the pool',
): Generator<Step, T> {
  for (let step = run.next(); ; step = run.next()) {
    if (step.done === true) return step.value;
    yield progressStep(what, step.value);
  }
}
