import { DebuggerError } from '../base/index.ts';
import type { Console } from './console.ts';
import type { CommandResult } from './output.ts';
import type { CommandRun } from './step.ts';

export * from './step.ts';

/** Where a command stands in the help. */
export type CommandGroup =
  | 'dump'
  | 'registers'
  | 'stack'
  | 'memory'
  | 'search'
  | 'pool'
  | 'paging'
  | 'code'
  | 'modules'
  | 'objects'
  | 'expressions'
  | 'scripts'
  | 'session';

/** A command of the console: what it is called, what the help says of it, and what it does. */
export interface Command {
  /** All names; the first is shown in the help. */
  readonly names: readonly string[];
  /** Arguments, as the help shows them. */
  readonly usage: string;
  /** One line for the list of commands. */
  readonly summary: string;
  readonly group: CommandGroup;
  /** More lines for `.help NAME`. */
  readonly details?: readonly string[];
  /**
   * Names that an argument or options may follow without a space, for those that are not letters alone: `kb` runs into `kb5`.
   * A pattern for what may follow: `/^[\d@]/`.
   */
  readonly joins?: RegExp;
  /**
   * Option letters that run into the name and are handed to `run` as part of it: `k` with `/^[bnv]+/` is also `kbn`. Unlike
   * an argument they need no blank before what follows, and a blank ends them: `k b` has the argument `b`.
   */
  readonly letters?: RegExp;
  /** Commands as one types them, for `.help NAME`. */
  readonly examples?: readonly string[];
  /** The rest of the line belongs to this command, semicolons included: always, or where its arguments say so. */
  readonly takesLine?: boolean | ((args: string, name: string) => boolean);
  /** Its arguments are commands, which it runs: a text out of the dump in them must not begin one of its own. */
  readonly takesCommands?: boolean;
  /** `name` is the one that was typed, in lower case unless only its spelling in capitals is a name. */
  run(console: Console, args: string, name: string): CommandResult | CommandRun;
}

/** The error for wrong arguments: what is wrong, and how the command is used. */
export const usageError = (command: Pick<Command, 'names' | 'usage'>, message: string): DebuggerError =>
  new DebuggerError('COMMAND_USAGE', `${message}; usage: ${command.names[0]} ${command.usage}`.trimEnd());
