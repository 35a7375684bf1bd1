import { DebuggerError } from '../base/index.ts';
import { type Command, type CommandRun, usageError } from './command.ts';
import type { Console } from './console.ts';
import type { CommandResult } from './output.ts';
import { commands } from './registry.ts';

const byName = new Map(commands.flatMap((command) => command.names.map((name) => [name, command] as const)));
const longestFirst = [...byName.keys()].sort((a, b) => b.length - a.length);

/** A command as typed, told from its arguments. */
export interface FoundCommand {
  readonly command: Command;
  readonly name: string;
  readonly args: string;
}

/** Runs one command as typed, step by step. Throws a DebuggerError with a remedy when it cannot. */
export function* runCommand(console: Console, text: string): CommandRun {
  const typed = text.trim();
  if (typed === '') return { data: null, lines: [] };
  const { command, name, args } = findCommand(typed);
  if (command.usage === '' && args !== '') throw usageError(command, `'${name}' takes no arguments`);
  const run = command.run(console, args, name);
  const result = isRun(run) ? yield* run : run;
  if (command.names[0] !== 'explain') console.last = { command: typed, call: result.call };
  return result;
}

const isRun = (run: CommandResult | CommandRun): run is CommandRun => !('lines' in run);

/** The command that a text begins with. Throws COMMAND_UNKNOWN. */
export function findCommand(typed: string): FoundCommand {
  // `!kdexts.pool` names the extension that a command belongs to.
  const text = typed.replace(/^!\w+\.(?=\w)/, '!');
  const word = /^\S+/.exec(text)![0];
  const lower = word.toLowerCase();
  const whole = byName.has(word) ? word : byName.has(lower) ? lower : undefined;
  const name = whole ?? longestFirst.find((each) => isJoined(each, text));
  if (name === undefined) throw unknownCommand(word);
  return { command: byName.get(name)!, name, args: text.slice(name.length).trim() };
}

/** `lmvm nt`, `?poi(rax)`, `k5`, `db@rsp`: letters or the argument run into the command's name. */
function isJoined(name: string, text: string): boolean {
  const { joins } = byName.get(name)!;
  if (joins === undefined || text.length <= name.length) return false;
  const head = text.slice(0, name.length);
  return (head === name || head.toLowerCase() === name) && joins.test(text.slice(name.length));
}

function unknownCommand(word: string): DebuggerError {
  return new DebuggerError('COMMAND_UNKNOWN', `there is no command '${word}'`);
}
