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
  const joined = joinedForms.map((form) => form.exec(word)).find((match) => match !== null);
  const name = joined?.[1]?.toLowerCase();
  const command = name === undefined ? undefined : byName.get(name);
  if (name === undefined || command === undefined)
    throw new DebuggerError('COMMAND_UNKNOWN', `there is no command '${word}'`);
  // The letters of lm are options, not the start of an argument.
  if (name === 'lm') return { command, name: word, args: typed.slice(word.length).trim() };
  return { command, name, args: typed.slice(name.length).trim() };
}

/** `lmvm nt` and `lmDvmnt`, `?poi(rax)`, `k5`, `db@rsp`: letters or the argument run into the command's name. */
const joinedForms = [
  /^(lm)[a-z0-9]+$/i,
  /^(\?)[^?].*$/,
  /^(kn?|r|u)[\d@].*$/i,
  /^(d[bwdqcpau]|d[pqd]s|u)[@$(].*$/i,
];

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
