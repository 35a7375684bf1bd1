import { type Command, usageError } from './command.ts';
import type { Console } from './console.ts';
import { takeExpression } from './evaluate-in.ts';

/** `/s SESSION` in front of the other arguments. */
export function parseProcessOptions(
  command: Command,
  console: Console,
  args: string,
): { readonly sessionId: number | undefined; readonly rest: string } {
  const [, letter, behind = ''] = /^[/-]([a-z])(?:\s+(.*))?$/is.exec(args) ?? [];
  if (letter === undefined) return { sessionId: undefined, rest: args };
  if (letter.toLowerCase() === 'm')
    throw usageError(command, "'/m' needs the modules of user mode, which are not read");
  if (letter.toLowerCase() !== 's') throw usageError(command, `there is no option '/${letter}'`);
  if (behind === '') throw usageError(command, 'the number of the session is missing');
  const { value, rest } = takeExpression(console, behind);
  if (value > 0xffff_ffffn) throw usageError(command, 'the number of the session is out of range');
  // A session alone means its processes.
  return { sessionId: Number(value), rest: rest === '' ? '0' : rest };
}
