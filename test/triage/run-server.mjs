// A server in a process of its own, which tests can kill: DATABASE SPOOL. Says where it listens.
import { fileURLToPath } from 'node:url';
// Parts, not the door: see made-up-host.mjs.
import { Spool } from '../../packages/triage/dist/server/spool.js';
import { startServer } from '../../packages/triage/dist/server/start-server.js';
import { openDatabase } from '../../packages/triage/dist/store/open-store.js';
import { TriageRun } from '../../packages/triage/dist/work/triage-run.js';
import { WorkerPool } from '../../packages/triage/dist/work/worker-pool.js';

const [place = '', folder = ''] = process.argv.slice(2);
const script = fileURLToPath(new URL('made-up-host.mjs', import.meta.url));
const store = await openDatabase(place);
const spool = await Spool.open(folder, { mostBytes: 1 << 20 }, store.db);
const pool = new WorkerPool({ command: { script, args: [] }, size: 2, timeLimit: 20_000 });
const server = await startServer(store.db, { host: '127.0.0.1', port: 0, spool });
process.stdout.write(`${server.url}\n`);
const run = new TriageRun(store.db, pool, { ahead: 1, onProgress: () => process.stdout.write('.') });
await run.run(spool.items(() => run.isStopped));
