import { DebuggerError } from '../base/index.ts';
import type { Command } from './command.ts';
import type { Console } from './console.ts';

/** A command as typed, told from its arguments. */
export interface FoundCommand {
  readonly command: Command;
  readonly name: string;
  readonly args: string;
}

/** Beside the console, whose type commands need. */
const added = new WeakMap<Console, readonly Command[]>();

/**
 * Adds commands of a program's own to a console. Their names are those of extensions: `!` and small letters, digits or `_`.
 * What they take has to stand behind a blank, and ends at a semicolon. Throws COMMAND_USAGE for another name, and for one that
 * is there already.
 */
export function addCommands(console: Console, own: readonly Command[], builtIn: readonly Command[]): void {
  const taken = new Set([...builtIn, ...ownCommandsOf(console)].flatMap(({ names }) => names));
  for (const name of own.flatMap(({ names }) => names)) {
    if (!/^![a-z][a-z0-9_]*$/.test(name))
      throw new DebuggerError('COMMAND_USAGE', `'${name}' is no name for a command: '!' and small letters`);
    if (taken.has(name)) throw new DebuggerError('COMMAND_USAGE', `there is a command '${name}' already`);
    taken.add(name);
  }
  added.set(console, [...ownCommandsOf(console), ...own]);
}

/** The commands that were added to a console. */
export const ownCommandsOf = (console: Console): readonly Command[] => added.get(console) ?? [];

/** The added command that a text begins with. */
export function findOwnCommand(console: Console, typed: string): FoundCommand | undefined {
  const name = /^\S+/.exec(typed)?.[0].toLowerCase() ?? '';
  const command = ownCommandsOf(console).find(({ names }) => names.includes(name));
  return command === undefined ? undefined : { command, name, args: typed.slice(name.length).trim() };
}
