import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { openDatabase } from '@poolscope/triage';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { contentOf, runOnceScript, temporaryFolder, writeDumps } from './stores.ts';

const folder = temporaryFolder();
const dumps = join(folder.path, 'dumps');
afterAll(() => folder.remove());

const count = 60;
/** The others are copies. */
const different = 50;

beforeAll(() => {
  const line = (n: number) =>
    `ok sig-${n % 7} n=${n} ms=${(n * 7) % 23} time=2026-02-0${1 + (n % 9)}T00:00:00.000Z`;
  const files = Array.from({ length: count }, (_, n) => [`${n}.dmp`, line(n % different)]);
  writeDumps(dumps, Object.fromEntries(files));
});

/** Runs in a process of its own, which gets a signal when so many files are done. */
function runInProcess(
  place: string,
  signal?: NodeJS.Signals,
  after = 0,
): Promise<{ code: number | null; how: string | null; output: string }> {
  const child = spawn(process.execPath, [runOnceScript, dumps, place], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve) => {
    let output = '';
    let isSent = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (signal === undefined || isSent || output.length < after) return;
      isSent = true;
      child.kill(signal);
    });
    child.once('close', (code, how) => resolve({ code, how, output }));
  });
}

const countsOf = (output: string) => JSON.parse(output.trim().split('\n').at(-1)!);

async function readContent(place: string): Promise<unknown> {
  const store = await openDatabase(place);
  try {
    return await contentOf(store);
  } finally {
    await store.close();
  }
}

it('loses and doubles nothing, whenever it is killed', async () => {
  const whole = join(folder.path, 'whole.sqlite');
  expect((await runInProcess(whole)).code).toBe(0);
  const expected = await readContent(whole);
  expect(expected).toMatchObject({ sources: { length: count }, results: { length: different } });

  const broken = join(folder.path, 'broken.sqlite');
  for (const after of [1, 25, 26, 44]) {
    expect((await runInProcess(broken, 'SIGKILL', after)).code).toBeNull();
  }
  const { code, output } = await runInProcess(broken);
  expect(code).toBe(0);
  expect(countsOf(output)).toMatchObject({ filesDone: count });
  expect(await readContent(broken)).toEqual(expected);
});

it('finishes what is running on Ctrl-C, and goes on later', async () => {
  const place = join(folder.path, 'stopped.sqlite');
  const { code, how, output } = await runInProcess(place, 'SIGINT', 10);
  expect([code, how]).toEqual([0, null]);
  const first = countsOf(output);
  expect(first.filesDone).toBeLessThan(count);
  const second = countsOf((await runInProcess(place)).output);
  expect(second.filesDone).toBe(count);
  expect(second.resumed).toBe(first.filesDone);
  expect(second.analyzed).toBe(different - first.analyzed);
});
