import { availableParallelism } from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { addBuckets } from './add-buckets.ts';
import type { RunFlags } from './run-parts.ts';
import type { ServeFlags } from './run-serve.ts';
import type { TriageFlags } from './run-triage.ts';

const triageHelp = `
What comes of it: dumps with the same cause in one bucket, and drivers (or memory) that are suspected of all of them together,
which no single dump could tell. The reports stay in the store of --db; 'poolscope buckets' and 'poolscope serve' show them.

Names may be files, folders, patterns in quotes, gz, zip and 7z archives, s3://BUCKET/NAME, http and https addresses, and - for
a list of names on stdin. A dump that is met twice counts once. Ctrl-C finishes the dumps that are running; the same command
goes on where it was left, however it ended. With a PostgreSQL database the work is shared with all 'poolscope worker' of it.

Examples:
  poolscope triage C:\\Windows\\Minidump --db fleet.sqlite
  poolscope triage '/crashes/**/*.dmp' --db fleet.sqlite --machine-from folder
  find /crashes -name '*.dmp' | poolscope triage - --db fleet.sqlite --json > buckets.json
  poolscope triage --watch /incoming --db fleet.sqlite
  poolscope triage s3://crashes/2026/ --db postgres://poolscope@localhost/poolscope

Exit codes: 0 all answered; 1 some file or dump gave no report, now or when it was tried before; 2 wrong usage; 130 stopped by
Ctrl-C.`;

const workerHelp = `
Any number of workers, on any hosts, share the jobs of a database. They open files by the names that triage gave: a folder that all
of them see, s3:// or https://. A worker that is killed loses nothing: another one does its jobs.

Examples:
  poolscope worker --db postgres://poolscope:PASSWORD@db.example/poolscope
  poolscope worker --db "$POOLSCOPE_DB" --workers 8 --time-limit 60`;

const collect = (value: string, previous: string[]): string[] => [...previous, value];

/** The commands over many dumps. */
export function addTriage(program: Command): void {
  withAnalysis(
    program
      .command('triage')
      .description('analyze many dumps, and gather them in buckets of the same cause')
      .argument('[path...]', 'files, folders, patterns, archives, addresses; - for a list on stdin'),
  )
    .addOption(dbOption())
    .option('--watch <dir>', 'go on with the dumps that come into this folder')
    .option('--reanalyze', 'analyze also what has a result')
    .option(
      '--machine-from <what>',
      'folder: the folder of a dump, below the one that is named, names its machine',
    )
    .option('--json', 'print the buckets as JSON')
    .option('--no-color', 'plain text, also when writing to a terminal')
    .addHelpText('after', triageHelp)
    .action(async (paths: string[], flags: TriageFlags) => {
      const { runTriage } = await import('./run-triage.ts');
      await runTriage(paths, flags);
    });
  withAnalysis(
    program.command('worker').description('analyze what triage and serve put into a PostgreSQL database'),
  )
    .requiredOption('--db <place>', 'postgres://USER:PASSWORD@HOST/DATABASE')
    .addHelpText('after', workerHelp)
    .action(async (flags: RunFlags) => {
      const { runWorker } = await import('./run-worker.ts');
      await runWorker(flags);
    });
  addServe(program);
  addBuckets(program);
  program.command('suspects-worker', { hidden: true }).action(async () => {
    const { serveSuspects } = await import('@poolscope/triage');
    serveSuspects();
  });
  program
    .command('analysis-worker', { hidden: true })
    .argument('<options>')
    .action(async (options: string) => {
      const { runAnalysisWorker } = await import('./worker-main.ts');
      runAnalysisWorker(options);
    });
}

const serveHelp = `
Without any token everybody on this machine may do all, and the server listens on this machine only. The first token changes
that: from then on every request needs one, and --host may name another address. Roles: reader sees, uploader sends dumps,
editor also merges and splits, admin also makes tokens and reads the audit log.

Examples:
  poolscope serve --db fleet.sqlite
  poolscope serve --db fleet.sqlite --new-token alice --role admin
  curl -H "Authorization: Bearer $TOKEN" --data-binary @MEMORY.DMP "http://localhost:8750/api/dumps?machine=pc1"`;

function addServe(program: Command): void {
  withAnalysis(
    program.command('serve').description('serve the buckets as pages and as JSON, and take uploads'),
  )
    .addOption(dbOption())
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 is any free one', portOf, 8750)
    .option('--spool <dir>', 'where uploads wait; poolscope-uploads beside the store unless given')
    .option('--max-upload <megabytes>', 'largest upload', countOf, 4096)
    .option('--max-spool <megabytes>', 'most that waits there; more uploads are put off', countOf, 65_536)
    .addOption(
      new Option('--allow-origin <url>', 'another site whose pages may use the API with a token')
        .argParser((url: string, before: string[]) => [...before, originOf(url)])
        .default([], 'none'),
    )
    .option('--webhook <url>', 'tell this address of new buckets', webAddressOf)
    .option('--new-token <name>', 'make a token, print it and end', tokenNameOf)
    .addOption(
      new Option('--role <role>', 'what the new token allows')
        .choices(['reader', 'uploader', 'editor', 'admin'])
        .default('reader'),
    )
    .addHelpText('after', serveHelp)
    .action(async (flags: ServeFlags) => {
      const { runServe } = await import('./run-serve.ts');
      await runServe(flags);
    });
}

export const dbOption = () =>
  new Option('--db <place>', 'the store: a file, or postgres://…').default('poolscope.sqlite');

/** Options of everything that analyzes. */
export const withAnalysis = (command: Command): Command =>
  command
    .option('--workers <number>', 'processes that analyze', countOf, availableParallelism())
    .option('--time-limit <seconds>', 'longest time for one dump', countOf, 120)
    .option('--memory-limit <megabytes>', 'most memory of one process', countOf, 2048)
    .option('--unpack-limit <megabytes>', 'most that comes out of one archive', countOf, 65_536)
    .addOption(
      new Option('--symbols <dir>', 'symbols, as for analyze').argParser(collect).default([], 'none'),
    )
    .option('--pooltags <file>', 'a pooltag.txt that describes pool tags')
    .option('--redact', 'keep no machine, user and process names, paths and payload text')
    .option('--keep-dumps <dir>', 'keep the dumps too, in this folder; only reports are kept unless given');

export function countOf(text: string): number {
  const value = Number(text);
  if (!/^\d{1,7}$/.test(text) || value === 0)
    throw new InvalidArgumentError('It is no whole number above 0.');
  return value;
}

function webAddressOf(text: string): string {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text))
    throw new InvalidArgumentError('It is no http or https address.');
  return text;
}

function originOf(text: string): string {
  return new URL(webAddressOf(text)).origin;
}

function tokenNameOf(text: string): string {
  if (text.trim() === '' || text.length > 100) throw new InvalidArgumentError('It has 1 to 100 characters.');
  return text;
}

function portOf(text: string): number {
  const value = Number(text);
  if (!/^\d{1,5}$/.test(text) || value > 65_535) throw new InvalidArgumentError('It is no port.');
  return value;
}
