import { type Command, usageError } from './command.ts';
import type { Console } from './console.ts';
import { evaluateIn } from './evaluate-in.ts';

/** `/s SESSION` in front of the other arguments. */
export function parseProcessOptions(
  command: Command,
  console: Console,
  args: string,
): { readonly sessionId: number | undefined; readonly rest: string } {
  const [, letter, behind = ''] = /^[/-]([a-z])(?:\s+(.*))?$/is.exec(args) ?? [];
  if (letter === undefined) return { sessionId: undefined, rest: args };
  if (letter.toLowerCase() === 'm')
    throw usageError(command, "'/m' needs modules of user mode: they are not read");
  if (letter.toLowerCase() !== 's') throw usageError(command, `there is no option '/${letter}'`);
  const [, word, rest = ''] = /^(\S+)\s*(.*)$/s.exec(behind) ?? [];
  if (word === undefined) throw usageError(command, 'the number of the session is missing');
  const session = evaluateIn(console, word);
  if (session > 0xffff_ffffn) throw usageError(command, 'the number of the session is out of range');
  // A session alone means its processes.
  return { sessionId: Number(session), rest: rest === '' ? '0' : rest };
}
