import { createReadStream, existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { createInterface } from 'node:readline';
import {
  FleetView,
  isPostgres,
  listBuckets,
  listSetAside,
  type Move,
  mergeBuckets,
  type OpenedDatabase,
  openDatabase,
  putInventory,
  readBucket,
  readDump,
  readInventoryText,
  releaseBucket,
  replaySignatures,
  SourceError,
  splitBucket,
  summarizeMoves,
} from '@poolscope/triage';
import { systemReason } from '../io/system-reason.ts';
import { printable } from '../render.ts';
import { UsageError } from '../usage-error.ts';
import { bucketLines } from './bucket-lines.ts';
import { bucketTable, table } from './bucket-table.ts';
import { many } from './run-reporter.ts';
import { asUsage } from './store-usage.ts';
import { fleetLines, recurrenceLines } from './suspect-lines.ts';

export interface BucketFlags {
  readonly db: string;
  readonly json?: boolean;
  readonly title?: string;
  readonly without?: readonly string[];
  readonly passOver?: readonly string[];
  readonly apply?: boolean;
}

export const showList = (db: string, _args: string[], { json }: BucketFlags): Promise<void> =>
  withStore(db, async (store) => {
    const list = await listBuckets(store.db, { limit: 100_000 });
    const setAside = await listSetAside(store.db, 1000);
    if (json === true) printJson({ schema: 'poolscope.buckets/1', ...list, setAside });
    else print(bucketTable(list, setAside));
  });

export const showBucket = (db: string, [id = '']: string[], { json }: BucketFlags): Promise<void> =>
  withStore(db, async (store) => {
    const page = await readBucket(store.db, new FleetView(store.db), id);
    if (page === undefined) throw new UsageError(`there is no bucket ${id}`, 'poolscope buckets lists them.');
    if (json === true) printJson(page);
    else print(bucketLines(page));
  });

/** Why a dump is in its bucket: by hand, or by the parts of its signature. */
export const showWhy = (db: string, [sha256 = '']: string[], { json }: BucketFlags): Promise<void> =>
  withStore(db, async (store) => {
    const dump = await readDump(store.db, sha256.toLowerCase());
    if (dump === undefined)
      throw new UsageError(`there is no report of ${sha256}`, 'buckets show names the dumps of a bucket.');
    const { bucket, bucketBy, signature, sources, stored } = dump;
    const { signatureParts } = stored;
    if (json === true) return printJson({ sha256, bucket, bucketBy, signature, signatureParts, sources });
    const how = bucketBy === null ? 'by its signature' : `by hand: ${bucketBy}`;
    print([
      `${sha256} is in bucket ${bucket}, ${how}`,
      ...sources.map((source) => `  ${source}`),
      '',
      `Signature ${signature}`,
      ...signatureParts.map(({ rule, value, why }) => `  ${value.padEnd(44)} ${rule}: ${why}`),
    ]);
  });

export const showSuspects = (db: string, _args: string[], { json }: BucketFlags): Promise<void> =>
  withStore(db, async (store) => {
    const ranking = await new FleetView(store.db).all();
    if (json === true) printJson(ranking);
    else print([...fleetLines(ranking), '', ...recurrenceLines(ranking)]);
  });

/** Takes the machines of a file for the fleet, also those that have not crashed. */
export const takeInventory = (db: string, [path = '']: string[]): Promise<void> =>
  withStore(db, async (store) => {
    const machines = await readInventoryText(linesOf(path)).catch((error: unknown) => {
      if (!(error instanceof SourceError)) throw error;
      throw new UsageError(`${path}: ${error.message}`, 'Give CSV with the columns machine and driver.');
    });
    await putInventory(store.db, machines);
    const drivers = new Set(machines.flatMap((each) => each.drivers.map(({ module }) => module)));
    print([`${many(machines.length, 'machine')} with ${many(drivers.size, 'driver')} to compare with`]);
  });

async function* linesOf(path: string): AsyncGenerator<string> {
  const input = createReadStream(path, 'utf8');
  try {
    yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${systemReason(error)}`, 'Name a file of CSV.');
  }
}

export const merge = (db: string, [from = '', into = '']: string[]): Promise<void> =>
  withStore(db, async (store) => {
    const moved = await mergeBuckets(store.db, from, into, userName());
    print([`${many(moved, 'dump')} moved to ${into}`]);
  });

export const split = (db: string, [from = '', ...dumps]: string[], { title }: BucketFlags): Promise<void> =>
  withStore(db, async (store) => {
    const name = title ?? `split from ${from}`;
    const id = await splitBucket(store.db, from, dumps, { title: name, by: userName() });
    print([`${many(dumps.length, 'dump')} moved to ${id}`]);
  });

export const release = (db: string, [bucket = '']: string[]): Promise<void> =>
  withStore(db, async (store) => {
    print([`${many(await releaseBucket(store.db, bucket), 'dump')} moved`]);
  });

export const replay = (db: string, _args: string[], flags: BucketFlags): Promise<void> =>
  withStore(db, async (store) => {
    const { without = [], passOver = [], apply = false } = flags;
    const moves: Move[] = [];
    for await (const move of replaySignatures(store.db, { without, passOver }, { apply })) moves.push(move);
    const summary = summarizeMoves(moves);
    if (flags.json === true) return printJson({ moved: apply, dumps: moves.length, moves: summary });
    if (moves.length === 0) return print(['Nothing would move.']);
    const rows = summary.map(({ count, from, to, before, after }) => [
      String(count),
      from,
      to,
      before,
      after,
    ]);
    print(table(['dumps', 'from', 'to', 'signature', 'new signature'], rows, 1));
    print([`${many(moves.length, 'dump')} ${apply ? 'moved' : 'would move; --apply moves them'}`]);
  });

async function withStore(place: string, work: (store: OpenedDatabase) => Promise<void>): Promise<void> {
  if (!isPostgres(place) && !existsSync(place)) {
    throw new UsageError(`there is no store ${place}`, 'poolscope triage makes one; --db names another.');
  }
  const store = await openDatabase(place).catch(asUsage);
  try {
    await work(store).catch(asUsage);
  } finally {
    await store.close();
  }
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}

const print = (lines: readonly string[]): void => {
  process.stdout.write(lines.map((line) => `${printable(line)}\n`).join(''));
};

const printJson = (value: unknown): void => {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
};
