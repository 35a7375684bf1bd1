// A worker of a queue in a process of its own, which tests can kill: DATABASE FOLDER. With a folder it puts its files in first.
import { fileURLToPath } from 'node:url';
import { putAll, workOn } from '../../packages/triage/dist/queue/queued-run.js';
import { TriageQueue } from '../../packages/triage/dist/queue/triage-queue.js';
import { findSources } from '../../packages/triage/dist/sources/find-sources.js';
import { openDatabase } from '../../packages/triage/dist/store/open-store.js';
import { TriageRun } from '../../packages/triage/dist/work/triage-run.js';
import { WorkerPool } from '../../packages/triage/dist/work/worker-pool.js';

const [url = '', folder] = process.argv.slice(2);
const script = fileURLToPath(new URL('made-up-host.mjs', import.meta.url));
const store = await openDatabase(url, { queryTimeout: 2000 });
const pool = new WorkerPool({ command: { script, args: [] }, size: 2, timeLimit: 20_000 });
const queue = await TriageQueue.open(url, store.db, { expireInSeconds: 600 });
if (folder !== undefined) {
  const sources = findSources([folder], { input: process.stdin, onProblem: () => undefined });
  await putAll(queue, sources, { analyzer: 'made-up-1', round: '', isStopped: () => false });
}
const run = new TriageRun(store.db, pool, { ahead: 1, onProgress: () => process.stdout.write('.') });
await workOn(queue, run, 'empty');
await queue.close();
await pool.close();
await store.close();
process.stdout.write(`\n${JSON.stringify(run.counts)}`);
