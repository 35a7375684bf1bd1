import { CompiledQuery, type Kysely, sql } from 'kysely';
import type PgBoss from 'pg-boss';
import type { SourceItem } from '../sources/source-item.ts';
import type { Database, Tables, Write } from '../store/schema.ts';
import { findDone } from '../store/sources.ts';
import { patiently } from '../work/patience.ts';
import { type JobData, jobId } from './job.ts';
import { lockClass, WorkerLock } from './worker-lock.ts';

const queueName = 'triage';
/** Of pg-boss's tables. */
const schema = 'poolscope_jobs';

export interface QueueOptions {
  /** Seconds after which a job is taken from a worker that does not answer: much longer than a dump may take. */
  readonly expireInSeconds: number;
}

/** What came of files that were put in. */
export interface Put {
  readonly jobs: number;
  /** Files that the analyzer was done with, and their dumps without a report. */
  readonly done: number;
  readonly withoutReport: number;
}

/** Jobs in the database of the results. */
export class TriageQueue {
  readonly #boss: PgBoss;
  readonly #db: Database;
  readonly #lock: WorkerLock;

  private constructor(boss: PgBoss, db: Database, lock: WorkerLock) {
    this.#boss = boss;
    this.#db = db;
    this.#lock = lock;
  }

  static async open(url: string, db: Database, { expireInSeconds }: QueueOptions): Promise<TriageQueue> {
    const { default: Boss } = await import('pg-boss');
    const boss = new Boss({ db: bossDb(db), schema, schedule: false });
    // A database that is gone for a while is met by the next query.
    boss.on('error', () => undefined);
    await boss.start();
    await boss.createQueue(queueName, {
      name: queueName,
      policy: 'standard',
      retryLimit: 5,
      expireInSeconds,
    });
    const lock = new WorkerLock(url);
    await lock.take();
    return new TriageQueue(boss, db, lock);
  }

  /**
   * Puts files in as jobs, but for those that the analyzer is done with; each once. Returns how many were put in, and how many
   * dumps of the others gave no report.
   */
  async put(items: readonly SourceItem[], analyzer: string, round: string): Promise<Put> {
    const again = round !== '';
    const names = again ? [] : items.map(({ name }) => name);
    const done = await findDone(this.#db, names, analyzer);
    const problems = await this.#problemTimes(names);
    const isDone = ({ name, fingerprint }: SourceItem) =>
      fingerprint !== '' && done.get(name)?.fingerprint === fingerprint;
    const before = items.filter(isDone);
    const jobs = items
      .filter((item) => !isDone(item))
      .map((item): PgBoss.JobInsert<JobData> => {
        const { name, fingerprint, machine } = item;
        const data = { name, fingerprint, ...(machine && { machine }), ...(again && { again }) };
        return { id: jobId(data, `${analyzer} ${round} ${problems.get(name) ?? ''}`), name: queueName, data };
      });
    if (jobs.length > 0) await this.#boss.insert(jobs);
    const withoutReport = before.reduce((sum, { name }) => sum + (done.get(name)?.withoutReport ?? 0), 0);
    return { jobs: jobs.length, done: before.length, withoutReport };
  }

  /** Jobs that wait or run. */
  async pending(): Promise<number> {
    const { rows } = await sql<{ n: number }>`
      select count(*)::int as n from ${sql.ref(`${schema}.job`)}
      where name = ${queueName} and state < 'completed'`.execute(this.#db);
    return rows[0]?.n ?? 0;
  }

  /** Takes jobs, as they are asked for; ends when `isEnough` says so and nothing waits. */
  async *take(
    open: (data: JobData) => SourceItem,
    isEnough: () => Promise<boolean> | boolean,
  ): AsyncGenerator<SourceItem> {
    for (;;) {
      const job = await patiently(() => this.#takeOne());
      if (job !== undefined) yield this.#itemOf(job, open);
      else if (await patiently(async () => isEnough())) return;
      else {
        await patiently(() => this.#freeJobsOfLost());
        await pause(pauseWhenEmpty);
      }
    }
  }

  /** Gives back what was taken and not done. */
  async close(): Promise<void> {
    await this.#db
      .transaction()
      .execute((write) => this.#free(write, this.#lock.id))
      .catch(() => undefined);
    await this.#lock.release();
    await this.#boss.stop({ graceful: false, wait: true }).catch(() => undefined);
  }

  #itemOf(job: PgBoss.Job<JobData>, open: (data: JobData) => SourceItem): SourceItem {
    return {
      ...open(job.data),
      ...(job.data.again === true ? { again: true } : {}),
      completion: async (write) => {
        await this.#boss.complete(queueName, job.id, {}, { db: bossDb(write) });
        await write.deleteFrom('claims').where('job', '=', job.id).execute();
      },
    };
  }

  /** The job and who has it, in one transaction. */
  #takeOne(): Promise<PgBoss.Job<JobData> | undefined> {
    return this.#db.transaction().execute(async (write) => {
      const [job] = await this.#boss.fetch<JobData>(queueName, { batchSize: 1, db: bossDb(write) });
      if (job === undefined) return undefined;
      await write
        .insertInto('claims')
        .values({ job: job.id, worker: this.#lock.id })
        .onConflict((conflict) => conflict.column('job').doUpdateSet({ worker: this.#lock.id }))
        .execute();
      return job;
    });
  }

  /** Jobs of workers whose lock is free, because they or their machines are gone. */
  async #freeJobsOfLost(): Promise<void> {
    const rows = await this.#db.selectFrom('claims').select('worker').distinct().execute();
    for (const { worker } of rows) {
      if (worker === this.#lock.id) continue;
      await this.#db.transaction().execute(async (write) => {
        const { rows: locks } = await sql<{ free: boolean }>`
          select pg_try_advisory_xact_lock(${lockClass}, ${worker}) as free`.execute(write);
        if (locks[0]?.free === true) await this.#free(write, worker);
      });
    }
  }

  async #free(write: Write, worker: number): Promise<void> {
    const rows = await write.deleteFrom('claims').where('worker', '=', worker).returning('job').execute();
    for (const { job } of rows) {
      await this.#boss.fail(queueName, job, { reason: 'its worker is gone' }, { db: bossDb(write) });
    }
  }

  async #problemTimes(names: readonly string[]): Promise<Map<string, string>> {
    if (names.length === 0) return new Map();
    const rows = await this.#db
      .selectFrom('sources')
      .select(['name', 'seen_at'])
      .where('name', 'in', names)
      .where('problem', 'is not', null)
      .execute();
    return new Map(rows.map(({ name, seen_at: at }) => [name, at]));
  }
}

const pauseWhenEmpty = 300;

const pause = (time: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, time);
  });

/** Lets pg-boss work in a transaction of ours. */
const bossDb = (write: Kysely<Tables>): PgBoss.Db => ({
  executeSql: async (text, values) => {
    const { rows } = await write.executeQuery<Record<string, unknown>>(CompiledQuery.raw(text, values));
    return { rows };
  },
});
