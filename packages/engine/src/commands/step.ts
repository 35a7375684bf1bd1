import type { DebuggerError } from '../base/index.ts';
import type { CommandResult, Line } from './output.ts';

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

export const tick: Step = { kind: 'tick' };

export const progressStep = (what: string, done: number, total?: number): Step => ({
  kind: 'progress',
  progress: total === undefined ? { what, done } : { what, done, total },
});

export const linesStep = (lines: readonly Line[]): Step => ({ kind: 'lines', lines });
