import { openSource } from '../sources/open-source.ts';
import type { SourceItem } from '../sources/source-item.ts';
import type { TriageRun } from '../work/triage-run.ts';
import type { JobData } from './job.ts';
import type { Put, TriageQueue } from './triage-queue.ts';

export interface PutOptions {
  readonly analyzer: string;
  /** Tells a new analysis of the same files apart; empty for the first. */
  readonly round: string;
  readonly isStopped: () => boolean;
  readonly itemsAtOnce?: number;
}

/** Puts all sources in as jobs. */
export async function putAll(
  queue: TriageQueue,
  sources: AsyncIterable<SourceItem>,
  options: PutOptions,
): Promise<Put> {
  const { analyzer, round, isStopped, itemsAtOnce = 500 } = options;
  let sum: Put = { jobs: 0, done: 0, withoutReport: 0 };
  let items: SourceItem[] = [];
  const put = async () => {
    const { jobs, done, withoutReport } = await queue.put(items, analyzer, round);
    sum = { jobs: sum.jobs + jobs, done: sum.done + done, withoutReport: sum.withoutReport + withoutReport };
    items = [];
  };
  for await (const item of sources) {
    if (isStopped()) break;
    items.push(item);
    if (items.length >= itemsAtOnce) await put();
  }
  if (items.length > 0) await put();
  return sum;
}

/** Does jobs: until it is stopped, or until none is left anywhere. */
export const workOn = (
  queue: TriageQueue,
  run: TriageRun,
  until: 'stopped' | 'empty',
  open: (data: JobData) => SourceItem = openSource,
): ReturnType<TriageRun['run']> =>
  run.run(
    queue.take(open, async () => run.isStopped || (until === 'empty' && (await queue.pending()) === 0)),
  );
