import { isPostgres, workOn } from '@poolscope/triage';
import { UsageError } from '../usage-error.ts';
import { type RunFlags, withRun } from './run-parts.ts';
import { opener, openQueue } from './run-triage.ts';

/** Does the jobs of a database until it is stopped. */
export async function runWorker(flags: RunFlags): Promise<void> {
  if (!isPostgres(flags.db)) {
    throw new UsageError(
      'a worker needs a PostgreSQL database',
      'Give --db postgres://…; with a file, poolscope triage does all itself.',
    );
  }
  await withRun(flags, 1, async ({ store, run, reporter }) => {
    const queue = await openQueue(flags, store.db);
    reporter.say('waiting for jobs; Ctrl-C ends it');
    try {
      await workOn(queue, run, 'stopped', opener(flags));
    } finally {
      await queue.close();
    }
    reporter.finish(run.counts, true);
  });
}
