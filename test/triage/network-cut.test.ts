import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type OpenedDatabase, openDatabase } from '@poolscope/triage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeNetworks, type Networks, whyNoNetworks } from './namespaces.ts';
import { startPostgres, type TestPostgres, whyNoPostgres } from './postgres.ts';
import { contentOf, temporaryFolder, writeDumps } from './stores.ts';

const workerScript = fileURLToPath(new URL('run-worker.mjs', import.meta.url));
const why = whyNoPostgres ?? whyNoNetworks;
const count = 40;

describe.skipIf(why !== undefined)(`a cut network to the database ${why ?? ''}`, () => {
  const folder = temporaryFolder();
  let networks: Networks;
  let postgres: TestPostgres;
  let store: OpenedDatabase;

  beforeAll(async () => {
    networks = makeNetworks();
    postgres = await startPostgres({ namespace: networks.one, address: networks.address });
    store = await openDatabase(postgres.localUrl);
  }, 60_000);
  afterAll(async () => {
    await store?.close();
    postgres?.stop();
    networks?.remove();
    folder.remove();
  }, 60_000);

  /** Runs in the other network; `onOutput` gets all that it has said. */
  function runWorker(
    args: readonly string[],
    onOutput: (output: string) => void,
  ): Promise<{ code: number | null; output: string }> {
    const line = ['netns', 'exec', networks.other, process.execPath, workerScript, postgres.url, ...args];
    const child = spawn('ip', line, { stdio: ['ignore', 'pipe', 'inherit'] });
    return new Promise((resolve) => {
      let output = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        onOutput(output);
      });
      child.once('close', (code) => resolve({ code, output }));
    });
  }

  it('is waited for, and every dump is in the results once', async () => {
    const dumps = join(folder.path, 'dumps');
    const line = (n: number) => `ok sig-${n % 3} n=${n} ms=${10 + (n % 5) * 8}`;
    writeDumps(dumps, Object.fromEntries(Array.from({ length: count }, (_, n) => [`${n}.dmp`, line(n)])));
    let isPulled = false;
    const { code } = await runWorker([dumps], (output) => {
      if (output.length < 10 || isPulled) return;
      isPulled = true;
      networks.pull();
      setTimeout(() => networks.plug(), 3000);
    });
    expect([code, isPulled]).toEqual([0, true]);
    const content = (await contentOf(store)) as Record<string, unknown[]>;
    expect(content['tallies']).toEqual(content['counted']);
    expect([content['results']!.length, content['sources']!.length]).toEqual([count, count]);
    expect(await store.db.selectFrom('claims').selectAll().execute()).toEqual([]);
  }, 60_000);
});
