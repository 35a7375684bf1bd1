import { DebuggerError } from '../base/index.ts';
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
 * that it is still there. A host may stop a command at any step; what was handed out stays. `wait`: nothing can be done before
 * `until` is settled, which is never rejected; a host that goes on at once gets an error.
 */
export type Step =
  | { readonly kind: 'lines'; readonly lines: readonly Line[] }
  | { readonly kind: 'error'; readonly error: DebuggerError }
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'wait'; readonly until: Promise<void> }
  | { readonly kind: 'tick' };

/** A command that takes its time: steps, and in the end the result with the lines that were not handed out yet. */
export type CommandRun = Generator<Step, CommandResult>;

export const tick: Step = { kind: 'tick' };

export const progressStep = (what: string, done: number, total?: number): Step => ({
  kind: 'progress',
  progress: total === undefined ? { what, done } : { what, done, total },
});

export const linesStep = (lines: readonly Line[]): Step => ({ kind: 'lines', lines });

type Outcome<Result> = { readonly result: Result } | { readonly error: unknown };

/** What comes of work that takes other turns of the program. Throws what it throws, or HOST_LACKS where nobody waits for it. */
export function* waitFor<Result>(work: Promise<Result>): Generator<Step, Result> {
  const outcomes: Outcome<Result>[] = [];
  const settle = async (): Promise<void> => {
    try {
      outcomes.push({ result: await work });
    } catch (error) {
      outcomes.push({ error });
    }
  };
  yield { kind: 'wait', until: settle() };
  const [outcome] = outcomes;
  if (outcome === undefined) throw new DebuggerError('HOST_LACKS', 'waiting for symbols cannot be used here');
  if ('error' in outcome) throw outcome.error;
  return outcome.result;
}
