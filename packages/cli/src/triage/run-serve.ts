import { dirname, join, resolve } from 'node:path';
import {
  createToken,
  isPostgres,
  type Role,
  redactedSource,
  type SourceItem,
  Spool,
  startServer,
  Webhook,
} from '@poolscope/triage';
import { contentPolicy } from '../web/content-policy.ts';
import { findSite } from '../web/find-site.ts';
import { listSite } from '../web/site-files.ts';
import { type RunFlags, type RunParts, withRun } from './run-parts.ts';
import { asUsage } from './store-usage.ts';

export interface ServeFlags extends RunFlags {
  readonly host: string;
  readonly port: number;
  readonly spool?: string;
  /** Megabytes. */
  readonly maxUpload: number;
  /** Megabytes. */
  readonly maxSpool: number;
  readonly webhook?: string;
  readonly allowOrigin: readonly string[];
  readonly newToken?: string;
  readonly role: Role;
}

/** Serves the API and the pages until it is stopped, and analyzes what is uploaded. */
export async function runServe(flags: ServeFlags): Promise<void> {
  await withRun(flags, 1, async (parts) => {
    if (flags.newToken === undefined) await serve(flags, parts);
    else {
      const { token } = await createToken(parts.store.db, flags.newToken, flags.role);
      process.stdout.write(`${token}\n`);
    }
  });
}

async function serve(flags: ServeFlags, { store, run, reporter }: RunParts): Promise<void> {
  const { db } = store;
  const problem = (text: string) => reporter.say(text);
  const [mostBytes, mostInAll] = [flags.maxUpload * 2 ** 20, flags.maxSpool * 2 ** 20];
  const spool = await Spool.open(spoolOf(flags), { mostBytes, mostInAll }, db);
  const folder = findSite();
  if (folder === undefined) problem('the dashboard is not built (npm run build); the other pages are there');
  const server = await startServer(db, {
    origins: flags.allowOrigin,
    ...(folder !== undefined && { site: { files: listSite(folder), policy: contentPolicy } }),
    host: flags.host,
    port: flags.port,
    spool,
    suspects: { script: process.argv[1]!, args: ['suspects-worker'] },
    onError: (error) => problem(error instanceof Error ? (error.stack ?? error.message) : String(error)),
  }).catch(asUsage);
  const webhook =
    flags.webhook === undefined ? undefined : new Webhook(db, { url: flags.webhook, onProblem: problem });
  try {
    await webhook?.start();
    reporter.say(`listening on ${server.url}; Ctrl-C ends it`);
    const items = spool.items(() => run.isStopped);
    await run.run(flags.redact === true ? redactedUploads(items) : items);
  } finally {
    await webhook?.close();
    await server.close();
  }
}

/** The names of uploads are hashes; those of machines are not. */
async function* redactedUploads(items: AsyncIterable<SourceItem>): AsyncGenerator<SourceItem> {
  for await (const item of items) yield { ...redactedSource(item), name: item.name };
}

/** Beside the file of the store, unless it is told. */
function spoolOf({ spool, db }: ServeFlags): string {
  if (spool !== undefined) return spool;
  return isPostgres(db) ? 'poolscope-uploads' : join(dirname(resolve(db)), 'poolscope-uploads');
}
