import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDatabase } from '@poolscope/triage';
import { afterAll, expect, it } from 'vitest';
import { contentOf, temporaryFolder } from './stores.ts';

const script = fileURLToPath(new URL('run-server.mjs', import.meta.url));
const folder = temporaryFolder();
const [place, spool] = ['x.sqlite', 'spool'].map((name) => join(folder.path, name)) as [string, string];
afterAll(() => folder.remove());

/** A server, and what it has said so far. */
async function start(): Promise<{
  child: ChildProcess;
  url: string;
  said: () => number;
  gone: Promise<void>;
}> {
  const child = spawn(process.execPath, [script, place, spool], { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
  });
  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      const [line, rest] = output.split('\n');
      if (rest !== undefined) resolve(line!);
    });
    void gone.then(() => reject(new Error('the server did not start')));
  });
  return { child, url, said: () => output.length - url.length - 1, gone };
}

const pause = (time: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, time);
  });

async function until(check: () => boolean): Promise<void> {
  while (!check()) await pause(20);
}

const dumpOf = (n: number): string => `ok sig-${n % 4} n=${n} ms=${20 + (n % 5) * 10}`;

/** Uploads until the server is gone; gives the numbers that it took. */
async function upload(url: string, numbers: Iterable<number>): Promise<number[]> {
  const taken: number[] = [];
  for (const n of numbers) {
    const answer = await fetch(`${url}/api/dumps`, { method: 'POST', body: dumpOf(n) }).catch(
      () => undefined,
    );
    if (answer?.status !== 202) return taken;
    taken.push(n);
  }
  return taken;
}

function* countFrom(first: number, end: number): Generator<number> {
  for (let n = first; n < end; n++) yield n;
}

it('loses and doubles no upload that it took, whenever it is killed', async () => {
  const taken: number[] = [];
  for (const after of [3, 9]) {
    const server = await start();
    const uploads = upload(server.url, countFrom(taken.length, taken.length + 200));
    await until(() => server.said() >= after);
    server.child.kill('SIGKILL');
    await server.gone;
    taken.push(...(await uploads));
  }
  // What was on its way when it was killed.
  writeFileSync(join(spool, 'half.part'), 'ok half');
  const server = await start();
  taken.push(...(await upload(server.url, countFrom(taken.length, taken.length + 5))));
  await until(() => readdirSync(spool).length === 0);
  server.child.kill('SIGKILL');
  await server.gone;

  const store = await openDatabase(place);
  const content = (await contentOf(store)) as Record<string, { sha256: string }[]>;
  await store.close();
  expect(content['tallies']).toEqual(content['counted']);
  const hashes = taken.map((n) => createHash('sha256').update(dumpOf(n)).digest('hex'));
  expect(hashes.length).toBeGreaterThan(12);
  const results = content['results']!.map(({ sha256 }) => sha256);
  expect(results).toEqual([...new Set(results)]);
  // One more may have come in whole before the answer to it was sent.
  expect(results).toEqual(expect.arrayContaining(hashes));
  expect(results.length).toBeLessThanOrEqual(hashes.length + 2);
}, 60_000);
