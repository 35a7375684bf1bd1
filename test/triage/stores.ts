import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  countAnew,
  findSources,
  type OpenedDatabase,
  type RunOptions,
  TriageRun,
  WorkerPool,
} from '@poolscope/triage';

export const hostScript = fileURLToPath(new URL('made-up-host.mjs', import.meta.url));
export const runOnceScript = fileURLToPath(new URL('run-once.mjs', import.meta.url));

/** A folder of the test's own, removed at its end by the caller. */
export const temporaryFolder = (): { path: string; remove: () => void } => {
  const path = mkdtempSync(join(tmpdir(), 'poolscope-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
};

/** Writes made-up dumps: file name to lines. */
export function writeDumps(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

export interface RunResult {
  readonly run: TriageRun;
  readonly problems: { readonly name: string; readonly code: string }[];
}

export const poolOf = (size: number, timeLimit = 20_000, analyzer = 'made-up-1'): WorkerPool =>
  new WorkerPool({ command: { script: hostScript, args: [analyzer] }, size, timeLimit });

/** Runs made-up dumps of a folder into a store. */
export async function runFolder(
  { db }: OpenedDatabase,
  folder: string,
  options: RunOptions & { timeLimit?: number; analyzer?: string; machineFromFolder?: boolean } = {},
): Promise<RunResult> {
  const { timeLimit, analyzer, machineFromFolder = false, ...rest } = options;
  const pool = poolOf(2, timeLimit, analyzer);
  const problems: { name: string; code: string }[] = [];
  const run = new TriageRun(db, pool, { ...rest, onProblem: (name, code) => problems.push({ name, code }) });
  const onProblem = () => undefined;
  try {
    await run.run(findSources([folder], { input: process.stdin, machineFromFolder, onProblem }));
  } finally {
    await pool.close();
  }
  return { run, problems };
}

/** What a store says, without times: the same after every way to the same results. */
export async function contentOf({ db }: OpenedDatabase): Promise<unknown> {
  const results = await db
    .selectFrom('results')
    .select(['sha256', 'analyzer', 'state', 'current', 'reason_code', 'signature', 'bucket', 'machine'])
    .orderBy('sha256')
    .execute();
  const sources = await db
    .selectFrom('sources')
    .select(['name', 'sha256', 'problem'])
    .orderBy('name')
    .execute();
  const reports = await db.selectFrom('reports').select(['sha256', 'analyzer']).orderBy('sha256').execute();
  return { results, sources, reports, tallies: await talliesOf(db), counted: await countAnew(db) };
}

export async function talliesOf(db: OpenedDatabase['db']): Promise<unknown[]> {
  const rows = await db.selectFrom('tallies').selectAll().execute();
  const key = (row: (typeof rows)[number]) => JSON.stringify([row.bucket, row.facet, row.value]);
  return rows.sort((one, other) => (key(one) < key(other) ? -1 : 1));
}
