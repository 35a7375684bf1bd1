import { type Command, Option } from 'commander';
import type { BucketFlags } from './run-buckets.ts';

const help = `
Without a command: the table of buckets. Suspects are drivers, or the memory of machines, that the crashes of a bucket or of the
whole fleet have in common; from 50 % on one is accused. They are found by comparing machines, so a list of what is installed
where helps: inventory takes CSV with the columns machine and driver, also of machines that never crashed.

What is merged and split by hand stays so when dumps are analyzed again. replay tries rules of signatures on the stored reports,
without the dumps: those of this version of poolscope, with the changes that the options name.

Examples:
  poolscope buckets --db fleet.sqlite
  poolscope buckets show 4b671cb2815e --db fleet.sqlite
  poolscope buckets suspects --db fleet.sqlite
  poolscope buckets inventory drivers.csv --db fleet.sqlite
  poolscope buckets merge 4b671cb2815e 7009cc3286c6 --db fleet.sqlite
  poolscope buckets replay --without block-size --db fleet.sqlite`;

const collect = (value: string, previous: string[]): string[] => [...previous, value];

type Run = (db: string, args: string[], flags: BucketFlags) => Promise<void>;

/** The command `buckets`: what triage gathered. */
export function addBuckets(program: Command): void {
  const buckets = program
    .command('buckets')
    .description('show and arrange the buckets of a store')
    .addHelpText('after', help);
  const all = () => import('./run-buckets.ts');
  const list: Run = async (...given) => (await all()).showList(...given);
  const show: Run = async (...given) => (await all()).showBucket(...given);
  const why: Run = async (...given) => (await all()).showWhy(...given);
  const suspects: Run = async (...given) => (await all()).showSuspects(...given);
  const inventory: Run = async (db, args) => (await all()).takeInventory(db, args);
  const merge: Run = async (db, args) => (await all()).merge(db, args);
  const split: Run = async (...given) => (await all()).split(...given);
  const release: Run = async (db, args) => (await all()).release(db, args);
  const replay: Run = async (...given) => (await all()).replay(...given);
  add(buckets.command('list', { isDefault: true }).description('the table of buckets'), list);
  add(buckets.command('show <bucket>').description('one bucket: its suspects, counts and dumps'), show);
  add(buckets.command('why <sha256>').description('why a dump is in its bucket'), why);
  add(buckets.command('suspects').description('suspects of all buckets together'), suspects);
  add(
    buckets.command('inventory <file>').description('take machines and drivers of a CSV file for the fleet'),
    inventory,
  );
  add(buckets.command('merge <from> <into>').description('put a bucket into another'), merge);
  add(
    buckets
      .command('split <from> <sha256...>')
      .description('put dumps of a bucket into one of their own')
      .option('--title <text>', 'name of the new bucket'),
    split,
  );
  add(
    buckets.command('release <bucket>').description('take back what was arranged by hand for a bucket'),
    release,
  );
  add(
    buckets
      .command('replay')
      .description('show what other rules of signatures would move')
      .addOption(
        new Option('--without <rule>', 'leave out the parts of a rule; more than once')
          .argParser(collect)
          .default([], 'none'),
      )
      .addOption(
        new Option('--pass-over <frame>', 'pass over frames: MODULE or MODULE!FUNCTION, * for any letters')
          .argParser(collect)
          .default([], 'none'),
      )
      .option('--apply', 'move them'),
    replay,
  );
}

const add = (command: Command, run: Run): Command =>
  command
    .addOption(new Option('--db <place>', 'the store: a file, or postgres://…').default('poolscope.sqlite'))
    .option('--json', 'print JSON')
    .action(async (...given: unknown[]) => {
      const flags = given.at(-2) as BucketFlags;
      await run(flags.db, given.slice(0, -2).flat() as string[], flags);
    });
