import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import {
  type BucketList,
  countDumps,
  FleetView,
  findSources,
  isPostgres,
  listBuckets,
  listSetAside,
  openSource,
  putAll,
  redactedSource,
  redactedSources,
  type SourceError,
  type SourceItem,
  TriageQueue,
  watchFolder,
  withoutReportSince,
  workOn,
} from '@poolscope/triage';
import { exitCode } from '../exit-code.ts';
import { printable } from '../render.ts';
import { UsageError } from '../usage-error.ts';
import { bucketTable } from './bucket-table.ts';
import { type RunFlags, type RunParts, withRun } from './run-parts.ts';
import { fleetLines } from './suspect-lines.ts';

export interface TriageFlags extends RunFlags {
  readonly machineFrom?: string;
  readonly watch?: string;
  readonly json?: boolean;
  readonly color: boolean;
}

/** Analyzes all that the paths name, and prints the buckets. */
export async function runTriage(paths: readonly string[], flags: TriageFlags): Promise<void> {
  if (flags.machineFrom !== undefined && flags.machineFrom !== 'folder') {
    throw new UsageError(`--machine-from ${flags.machineFrom} is not known`, 'Give --machine-from folder.');
  }
  if (paths.length === 0 && flags.watch === undefined) {
    throw new UsageError(
      'no dumps were named',
      'Name files or folders, - for a list on stdin, or --watch DIR.',
    );
  }
  if (flags.watch !== undefined && !statSync(flags.watch, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsageError(`there is no folder ${flags.watch}`, 'Make it first, or name another with --watch.');
  }
  const isQueued = isPostgres(flags.db);
  await withRun(flags, isQueued ? 1 : Number.POSITIVE_INFINITY, async (parts) => {
    const { run, reporter, store } = parts;
    const sources = allSources(paths, flags, parts);
    if (isQueued) await runQueued(sources, flags, parts);
    else await run.run(flags.redact === true ? redactedSources(sources) : sources);
    reporter.finish(run.counts, run.isStopped);
    await printBuckets(store.db, flags);
    if (run.counts.isShort) process.exitCode = exitCode.unreadable;
  });
}

async function* allSources(
  paths: readonly string[],
  flags: TriageFlags,
  { run, reporter }: RunParts,
): AsyncGenerator<SourceItem> {
  const machineFromFolder = flags.machineFrom === 'folder';
  const onProblem = (name: string, error: SourceError): void => {
    run.counts.problems++;
    reporter.problem(name, error.code, error.message);
  };
  yield* findSources(paths, { input: process.stdin, machineFromFolder, onProblem });
  if (flags.watch === undefined) return;
  reporter.say(`watching ${flags.watch}; Ctrl-C ends it`);
  yield* watchFolder(flags.watch, { machineFromFolder, onProblem, isStopped: () => run.isStopped });
}

/** Jobs for all workers of the database, this program among them. */
async function runQueued(
  sources: AsyncIterable<SourceItem>,
  flags: TriageFlags,
  { store, run, pool }: RunParts,
): Promise<void> {
  const started = new Date().toISOString();
  const queue = await openQueue(flags, store.db);
  const isStopped = () => run.isStopped;
  try {
    const analyzer = await pool.analyzer();
    const round = flags.reanalyze === true ? randomUUID() : '';
    if (flags.watch === undefined) {
      const { done, withoutReport } = await putAll(queue, sources, { analyzer, round, isStopped });
      run.counts.resumed += done;
      run.counts.withoutBefore += withoutReport;
      if (!isStopped()) await workOn(queue, run, 'empty', opener(flags));
      run.counts.isShortElsewhere = (await withoutReportSince(store.db, started)) > 0;
      return;
    }
    const putting = putAll(queue, sources, { analyzer, round, isStopped, itemsAtOnce: 1 });
    await Promise.all([putting, workOn(queue, run, 'stopped', opener(flags))]);
  } finally {
    await queue.close();
  }
}

/** A job is taken from a worker that is silent for much longer than a dump may take. */
export const openQueue = (flags: RunFlags, db: RunParts['store']['db']): Promise<TriageQueue> =>
  TriageQueue.open(flags.db, db, { expireInSeconds: Math.max(300, flags.timeLimit * 6) });

export const opener =
  ({ redact }: RunFlags): ((data: Parameters<typeof openSource>[0]) => SourceItem) =>
  (data) =>
    redact === true ? redactedSource(openSource(data)) : openSource(data);

async function printBuckets(db: Parameters<typeof listBuckets>[0], flags: TriageFlags): Promise<void> {
  const list = await listBuckets(db, { limit: flags.json === true ? 100_000 : 50 });
  const aside = await listSetAside(db, flags.json === true ? 100_000 : 10);
  const dumps = await countDumps(db);
  const ranking = dumps > mostForSuspects ? undefined : await new FleetView(db).all();
  const json = () =>
    JSON.stringify(
      { schema: 'poolscope.buckets/1', ...list, setAside: aside, suspects: ranking ?? null },
      null,
      2,
    );
  const fleet =
    ranking === undefined
      ? [`poolscope buckets suspects --db ${shownPlace(flags.db)} tells who is suspected.`]
      : ranking.crashes > 1
        ? fleetLines(ranking)
        : [];
  const text =
    flags.json === true ? [json()] : [...bucketTable(list, aside), '', ...fleet, ...nextLines(list, flags)];
  process.stdout.write(text.map((line) => `${flags.json === true ? line : printable(line)}\n`).join(''));
}

/** Without the password. */
const shownPlace = (db: string): string => db.replace(/^(\w+:\/\/[^:/@]*):[^@/]*@/, '$1:…@');

/** Suspects of more dumps than that take long enough to be asked for. */
const mostForSuspects = 20_000;

const nextLines = ({ buckets }: BucketList, { db }: TriageFlags): string[] => {
  const [first] = buckets;
  return first === undefined ? [] : ['', `  poolscope buckets show ${first.id} --db ${shownPlace(db)}`];
};
