import { setImmediate } from 'node:timers/promises';

/**
 * Work in steps, so that somebody can stop it between two. A step that is a promise is waited for; other steps mean nothing.
 */
export type Work<Result = object> = Generator<unknown, Result>;

/** Milliseconds of work between two looks at what else has happened. */
const stretch = 20;

/** Runs work to its end. `check` is called between stretches and throws where the work is not wanted any more. */
export async function runInSlices<Result>(work: Work<Result>, check: () => void): Promise<Result> {
  let turned = performance.now();
  try {
    for (let step = work.next(); ; step = work.next()) {
      if (step.done === true) return step.value;
      if (step.value instanceof Promise) await step.value;
      if (performance.now() - turned < stretch) continue;
      await setImmediate();
      turned = performance.now();
      check();
    }
  } finally {
    work.return(undefined as never);
  }
}
