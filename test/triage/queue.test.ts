import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  listBuckets,
  mergeBuckets,
  type OpenedDatabase,
  openDatabase,
  putAll,
  TriageQueue,
} from '@poolscope/triage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Recorder } from '../../packages/triage/src/work/recorder.ts';
import { startPostgres, type TestPostgres, whyNoPostgres } from './postgres.ts';
import { contentOf, temporaryFolder, writeDumps } from './stores.ts';
import { startWire } from './wire.ts';

const workerScript = fileURLToPath(new URL('run-worker.mjs', import.meta.url));
const count = 40;

/** Starts a worker; `onOutput` gets all that it has said, to do harm at a certain point. */
function startWorker(
  args: readonly string[],
  onOutput?: (output: string, kill: () => void) => void,
): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [workerScript, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve) => {
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      onOutput?.(output, () => child.kill('SIGKILL'));
    });
    child.once('close', (code) => resolve({ code, output }));
  });
}

describe.skipIf(whyNoPostgres !== undefined)(`the queue ${whyNoPostgres ?? ''}`, () => {
  const folder = temporaryFolder();
  let postgres: TestPostgres;
  let store: OpenedDatabase;

  beforeAll(async () => {
    postgres = await startPostgres();
    store = await openDatabase(postgres.url);
  }, 60_000);
  afterAll(async () => {
    await store?.close();
    postgres?.stop();
    folder.remove();
  }, 60_000);

  const dumpsOf = (round: string): string => {
    const path = join(folder.path, round);
    const line = (n: number) => `ok ${round}-${n % 3} n=${n} ms=${10 + (n % 5) * 8}`;
    writeDumps(path, Object.fromEntries(Array.from({ length: count }, (_, n) => [`${n}.dmp`, line(n)])));
    return path;
  };

  /** Every dump once, and counts that are right. */
  async function expectAll(round: string): Promise<void> {
    const content = (await contentOf(store)) as Record<string, { signature?: string; name?: string }[]>;
    expect(content['tallies']).toEqual(content['counted']);
    const results = content['results']!.filter(({ signature }) => signature?.startsWith(round));
    expect(results).toHaveLength(count);
    expect(content['sources']!.filter(({ name }) => name?.includes(`/${round}/`))).toHaveLength(count);
    const jobs = await store.db.selectFrom('claims').selectAll().execute();
    expect(jobs).toEqual([]);
  }

  it('gives the jobs of a killed worker to another, and each is done once', async () => {
    const [killed, other] = await Promise.all([
      startWorker([postgres.url, dumpsOf('killed')], (output, kill) => {
        if (output.length >= 8) kill();
      }),
      new Promise((resolve) => {
        setTimeout(resolve, 500);
      }).then(() => startWorker([postgres.url])),
    ]);
    expect(killed.code).toBeNull();
    expect(other.code).toBe(0);
    const { code } = await startWorker([postgres.url]);
    expect(code).toBe(0);
    await expectAll('killed');
  });

  it('goes on where PostgreSQL was restarted meanwhile', async () => {
    let isRestarted = false;
    const { code, output } = await startWorker([postgres.url, dumpsOf('restarted')], (text) => {
      if (text.length < 10 || isRestarted) return;
      isRestarted = true;
      postgres.restart();
    });
    expect([code, isRestarted]).toEqual([0, true]);
    expect(JSON.parse(output.trim().split('\n').at(-1)!).filesDone).toBeGreaterThanOrEqual(count);
    await expectAll('restarted');
  });

  it('goes on where the network to the database was silent for a while', async () => {
    const { port } = new URL(postgres.url);
    const wire = await startWire(Number(port));
    let isCut = false;
    const { code } = await startWorker([wire.url(postgres.url), dumpsOf('silent')], (text) => {
      if (text.length < 10 || isCut) return;
      isCut = true;
      wire.cut();
      setTimeout(() => wire.mend(), 3000);
    });
    wire.close();
    expect([code, isCut]).toEqual([0, true]);
    await expectAll('silent');
  });

  it('puts a file in once, and gives back what is not done', async () => {
    const queue = await TriageQueue.open(postgres.url, store.db, { expireInSeconds: 600 });
    const items = ['x.dmp', 'y.dmp'].map((name) => ({
      name,
      fingerprint: '1',
      withFile: <Result>(use: (path: string) => Promise<Result>) => use(name),
    }));
    async function* both() {
      yield* items;
    }
    const options = { analyzer: 'made-up-1', round: '', isStopped: () => false };
    await putAll(queue, both(), options);
    await putAll(queue, both(), options);
    expect(await queue.pending()).toBe(2);
    const taken: string[] = [];
    for await (const { name } of queue.take(
      (data) => ({ ...data, withFile: items[0]!.withFile }),
      () => true,
    ))
      taken.push(name);
    expect(taken.sort()).toEqual(['x.dmp', 'y.dmp']);
    await queue.close();
    expect(await store.db.selectFrom('claims').selectAll().execute()).toEqual([]);
  });

  it('has buckets as a file has', async () => {
    const { buckets } = await listBuckets(store.db, { limit: 2 });
    const [first, second] = buckets;
    expect(await mergeBuckets(store.db, second!.id, first!.id, 'me')).toBe(second!.count);
    const content = (await contentOf(store)) as Record<string, unknown>;
    expect(content['tallies']).toEqual(content['counted']);
  });

  it('writes again what the server gave up because nobody spoke for a while', async () => {
    const impatient = await openDatabase(postgres.url, { queryTimeout: 300 });
    try {
      let times = 0;
      const recorder = new Recorder(impatient.db);
      // As where the network was cut: an answer does not come, and what is read next is what the server said meanwhile.
      const also = async (): Promise<void> => {
        if (times++ > 0) return;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
        await Promise.reject(new Error('Query read timeout'));
      };
      await recorder.add([{ also }]);
      await recorder.flush();
      expect(times).toBe(2);
    } finally {
      await impatient.close();
    }
  }, 60_000);
});
