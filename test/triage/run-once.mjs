// One run over a folder in a process of its own, which tests can kill: FOLDER DATABASE.
import { fileURLToPath } from 'node:url';
// Parts, not the door: see made-up-host.mjs.
import { findSources } from '../../packages/triage/dist/sources/find-sources.js';
import { openDatabase } from '../../packages/triage/dist/store/open-store.js';
import { TriageRun } from '../../packages/triage/dist/work/triage-run.js';
import { WorkerPool } from '../../packages/triage/dist/work/worker-pool.js';

const [folder = '', place = ''] = process.argv.slice(2);
const script = fileURLToPath(new URL('made-up-host.mjs', import.meta.url));
const store = await openDatabase(place);
const pool = new WorkerPool({ command: { script, args: [] }, size: 2, timeLimit: 20_000 });
const run = new TriageRun(store.db, pool, { onProgress: () => process.stdout.write('.') });
process.on('SIGINT', () => run.stop());
await run.run(findSources([folder], { input: process.stdin, onProblem: () => undefined }));
await pool.close();
await store.close();
process.stdout.write(`\n${JSON.stringify(run.counts)}`);
