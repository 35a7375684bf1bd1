import type { Step } from './command.ts';
import type { Console } from './console.ts';

/**
 * Runs a text in which names stand for texts, as aliases do, but for no longer than the run. The texts may come out of the
 * dump: they begin no command of their own.
 */
export function* withLocals<T>(
  console: Console,
  locals: ReadonlyMap<string, string>,
  run: Generator<Step, T>,
): Generator<Step, T> {
  const depth = console.locals.push(locals);
  try {
    return yield* run;
  } finally {
    console.locals.length = depth - 1;
  }
}
