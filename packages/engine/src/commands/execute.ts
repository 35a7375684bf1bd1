import { type CommandRun, usageError } from './command.ts';
import type { Console } from './console.ts';
import { unknownCommand } from './not-here.ts';
import type { CommandResult } from './output.ts';
import { type FoundCommand, findOwnCommand } from './own-commands.ts';
import { commands } from './registry.ts';

const byName = new Map(commands.flatMap((command) => command.names.map((name) => [name, command] as const)));
const longestFirst = [...byName.keys()].sort((a, b) => b.length - a.length);

/** Runs one command as typed, step by step. Throws a DebuggerError with a remedy when it cannot. */
export function* runCommand(console: Console, text: string): CommandRun {
  const typed = text.trim();
  if (typed === '') return { data: null, lines: [] };
  const { command, name, args } = findCommandOf(console, typed);
  if (command.usage === '' && args !== '') throw usageError(command, `'${name}' takes no arguments`);
  const run = command.run(console, args, name);
  const result = isRun(run) ? yield* run : run;
  if (command.names[0] !== 'explain') console.last = { command: typed, call: result.call };
  return result;
}

const isRun = (run: CommandResult | CommandRun): run is CommandRun => !('lines' in run);

/** The same, with the commands that a program added to this console. */
export const findCommandOf = (console: Console, typed: string): FoundCommand =>
  findOwnCommand(console, typed) ?? findCommand(typed);

/** The command that a text begins with. Throws COMMAND_UNKNOWN, or COMMAND_NOT_HERE for one that the debugger has. */
export function findCommand(typed: string): FoundCommand {
  const found = lookUp(typed);
  if (found === undefined) throw unknownCommand(commands, typed);
  return found;
}

/** Does the command that a text begins with take all of its line, semicolons included? */
export function takesLine(typed: string): boolean {
  const found = lookUp(typed);
  const takes = found?.command.takesLine;
  if (found === undefined || takes === undefined || typeof takes === 'boolean') return takes === true;
  return takes(found.args, found.name);
}

function lookUp(typed: string): FoundCommand | undefined {
  // `!kdexts.pool` names the extension that a command belongs to.
  // `2k` is `~2k`: a processor's number may stand before k and r.
  const text = typed.replace(/^!\w+\.(?=\w)/, '!').replace(/^(?=\d+\s*[kr])/i, '~');
  const word = /^\S+/.exec(text)![0];
  const lower = word.toLowerCase();
  const whole = byName.has(word) ? word : byName.has(lower) ? lower : undefined;
  const lettered = whole === undefined ? findByLetters(text) : undefined;
  if (lettered !== undefined) return lettered;
  const name = whole ?? longestFirst.find((each) => isJoined(each, text));
  if (name === undefined) return undefined;
  return { command: byName.get(name)!, name, args: text.slice(name.length).trim() };
}

/** `kbn`, `kvL20`: a name with option letters that are part of it. */
function findByLetters(text: string): FoundCommand | undefined {
  for (const [name, command] of byName) {
    const letters = text.startsWith(name) ? command.letters?.exec(text.slice(name.length))?.[0] : undefined;
    if (letters === undefined) continue;
    const rest = text.slice(name.length + letters.length);
    if (!/^(?:\s|$)/.test(rest) && command.joins?.test(rest) !== true) continue;
    return { command, name: name + letters, args: rest.trim() };
  }
  return undefined;
}

/** `lmvm nt`, `?poi(rax)`, `k5`, `db@rsp`: letters or the argument run into the command's name. */
function isJoined(name: string, text: string): boolean {
  const { joins } = byName.get(name)!;
  if (joins === undefined || text.length <= name.length) return false;
  const head = text.slice(0, name.length);
  return (head === name || head.toLowerCase() === name) && joins.test(text.slice(name.length));
}
