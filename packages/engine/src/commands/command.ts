import { DebuggerError } from '../base/index.ts';
import type { Console } from './console.ts';
import type { CommandResult, Line } from './output.ts';

/** Where a command stands in the help. */
export type CommandGroup =
  | 'dump'
  | 'registers'
  | 'stack'
  | 'memory'
  | 'search'
  | 'paging'
  | 'code'
  | 'modules'
  | 'objects'
  | 'expressions'
  | 'scripts'
  | 'session';

/** How far a long command is. */
export interface Progress {
  /** What it does, as the user is told: `searching`. */
  readonly what: string;
  readonly done: number;
  /** In the unit of `done`; undefined when nobody knows. */
  readonly total?: number;
}

/**
 * What a command tells while it runs: lines that are ready, an error of one command among several, how far it is, or only
 * that it is still there. A host may stop a command at any step; what was handed out stays.
 */
export type Step =
  | { readonly kind: 'lines'; readonly lines: readonly Line[] }
  | { readonly kind: 'error'; readonly error: DebuggerError }
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'tick' };

/** A command that takes its time: steps, and in the end the result with the lines that were not handed out yet. */
export type CommandRun = Generator<Step, CommandResult>;

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
  /** The rest of the line belongs to this command, semicolons included. */
  readonly takesLine?: boolean;
  /** `name` is the one that was typed, in lower case unless only its spelling in capitals is a name. */
  run(console: Console, args: string, name: string): CommandResult | CommandRun;
}

export const usageError = (command: Pick<Command, 'names' | 'usage'>, message: string): DebuggerError =>
  new DebuggerError('COMMAND_USAGE', `${message}; usage: ${command.names[0]} ${command.usage}`.trimEnd());

export const tick: Step = { kind: 'tick' };

export const progressStep = (what: string, done: number, total?: number): Step => ({
  kind: 'progress',
  progress: total === undefined ? { what, done } : { what, done, total },
});

export const linesStep = (lines: readonly Line[]): Step => ({ kind: 'lines', lines });
