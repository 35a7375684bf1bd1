import { DebuggerError } from '../base/index.ts';
import type { Command, Console } from './command.ts';
import type { CommandResult } from './output.ts';
import { commands } from './registry.ts';

const byName = new Map(commands.flatMap((command) => command.names.map((name) => [name, command] as const)));

/** Runs one command as typed. Throws a DebuggerError with a remedy when it cannot. */
export function execute(console: Console, text: string): CommandResult {
  const typed = text.trim();
  if (typed === '' || typed.startsWith('*')) return { data: null, lines: [] };
  const { command, name, args } = findCommand(typed);
  return command.run(console, args, name);
}

function findCommand(typed: string): { command: Command; name: string; args: string } {
  const word = /^\S+/.exec(typed)![0];
  const exact = byName.get(word) ?? byName.get(word.toLowerCase());
  if (exact !== undefined)
    return { command: exact, name: word.toLowerCase(), args: typed.slice(word.length).trim() };
  // `lmvm nt`, `lmtn` and `?poi(rax)` run a letter or the argument into the command's name.
  const joined = /^(lm)([a-z]+)$/i.exec(word) ?? /^(\?)(.+)$/.exec(word) ?? /^(k|r|u)(\d.*|@.*)$/i.exec(word);
  const command = joined === null ? undefined : byName.get(joined[1]!.toLowerCase());
  if (joined === null || command === undefined)
    throw new DebuggerError('COMMAND_UNKNOWN', `there is no command '${word}'`);
  if (joined[1]!.toLowerCase() === 'lm')
    return { command, name: word.toLowerCase(), args: typed.slice(word.length).trim() };
  return { command, name: joined[1]!.toLowerCase(), args: typed.slice(joined[1]!.length).trim() };
}

/** Cuts a line at its semicolons, but not inside quotes; a `*` at the start of a command makes the rest a comment. */
export function splitCommands(line: string): string[] {
  const parts: string[] = [];
  let current = '';
  let quoted = false;
  for (const character of line) {
    if (character === '"') quoted = !quoted;
    const comment = current.trimStart().startsWith('*');
    if (character === ';' && !quoted && !comment) {
      parts.push(current);
      current = '';
    } else current += character;
  }
  parts.push(current);
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}
