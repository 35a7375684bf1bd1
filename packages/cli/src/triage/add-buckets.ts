import { type Command, Option } from 'commander';
import type { BucketFlags } from './run-buckets.ts';

const help = `
What is merged and split by hand stays so when dumps are analyzed again. replay tries rules of signatures on the stored reports,
without the dumps: those of this version of poolscope, with the changes that the options name.

Examples:
  poolscope buckets --db fleet.sqlite
  poolscope buckets show 4b671cb2815e --db fleet.sqlite
  poolscope buckets merge 4b671cb2815e 7009cc3286c6 --db fleet.sqlite
  poolscope buckets replay --without block-size --db fleet.sqlite`;

const collect = (value: string, previous: string[]): string[] => [...previous, value];

/** The command `buckets`: what triage gathered. */
export function addBuckets(program: Command): void {
  const buckets = program
    .command('buckets')
    .description('show and arrange the buckets of a store')
    .addHelpText('after', help);
  type Run = (db: string, args: string[], flags: BucketFlags) => Promise<void>;
  const add = (name: string, description: string, args: readonly string[], run: Run, isDefault = false) => {
    const command = buckets.command(name, { isDefault }).description(description);
    for (const argument of args) command.argument(argument);
    return command
      .addOption(new Option('--db <place>', 'the store: a file, or postgres://…').default('poolscope.sqlite'))
      .option('--json', 'print JSON')
      .action(async (...given: unknown[]) => {
        const flags = given.at(-2) as BucketFlags;
        await run(flags.db, given.slice(0, -2).flat() as string[], flags);
      });
  };
  const lazy =
    (pick: (module: typeof import('./run-buckets.ts')) => Run): Run =>
    async (...args) =>
      pick(await import('./run-buckets.ts'))(...args);
  add(
    'list',
    'the table of buckets',
    [],
    lazy((module) => module.showList),
    true,
  );
  add(
    'show',
    'one bucket: its suspects, drivers and dumps',
    ['<bucket>'],
    lazy((module) => module.showBucket),
  );
  add(
    'merge',
    'put a bucket into another',
    ['<from>', '<into>'],
    lazy((module) => module.merge),
  );
  add(
    'split',
    'put dumps of a bucket into one of their own',
    ['<from>', '<sha256...>'],
    lazy((module) => module.split),
  ).option('--title <text>', 'name of the new bucket');
  add(
    'release',
    'take back what was arranged by hand for a bucket',
    ['<bucket>'],
    lazy((module) => module.release),
  );
  add(
    'replay',
    'show what other rules of signatures would move',
    [],
    lazy((module) => module.replay),
  )
    .option('--without <rule>', 'leave out the parts of a rule; more than once', collect, [])
    .option(
      '--pass-over <frame>',
      'pass over frames: MODULE or MODULE!FUNCTION, * for any letters',
      collect,
      [],
    )
    .option('--apply', 'move them');
}
