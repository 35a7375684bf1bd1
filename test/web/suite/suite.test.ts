/// <reference types="vite/types/importMeta.d.ts" />
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { listSite } from '../../../packages/cli/src/web/site-files.ts';
import { SiteServer } from '../../../packages/cli/src/web/site-server.ts';
import { findChromium, howToInstall, startBrowser } from '../browser.ts';
import { buildSuite, suiteFiles } from './build-suite.ts';
import type { TestOutcome } from './run-suite.ts';

/** The engine's own unit tests in a worker of a real browser: all that need neither Node nor files. */

const chromiumPath = findChromium();
/** By "npm run test:browser"; with the other tests only those that play no machines. */
const areAllWanted = import.meta.env.MODE === 'browser';
const why = chromiumPath === undefined ? howToInstall : '';
if (why !== '') process.stderr.write(`the engine's tests in the browser are skipped: ${why}\n`);

const folder = mkdtempSync(join(tmpdir(), 'poolscope-suite-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface SuiteMessage {
  readonly outcomes?: TestOutcome[];
  /** Why they could not be run. */
  readonly failed?: string;
}

/** What the function below uses of a page; tests are compiled without the types of a browser. */
interface PageGlobals {
  readonly Worker: new (
    address: string,
    options: { readonly type: 'module' },
  ) => {
    addEventListener(type: 'message', listener: (event: { readonly data: SuiteMessage }) => void): void;
    addEventListener(type: 'error', listener: (event: { readonly message: string }) => void): void;
  };
}

/** Runs in the page. */
const startWorker = (address: string): Promise<TestOutcome[]> =>
  new Promise((resolve, reject) => {
    const worker = new (globalThis as unknown as PageGlobals).Worker(address, { type: 'module' });
    worker.addEventListener('error', ({ message }) => reject(new Error(message)));
    worker.addEventListener('message', ({ data }) => {
      if (data.outcomes === undefined) reject(new Error(data.failed));
      else resolve(data.outcomes);
    });
  });

async function runInBrowser(files: readonly string[]): Promise<TestOutcome[]> {
  const site = join(folder, 'site');
  mkdirSync(site);
  await buildSuite(files, site, folder);
  const server = new SiteServer(listSite(site));
  const browser = await startBrowser(chromiumPath!);
  try {
    const page = await browser.newPage();
    await page.goto(await server.listen(0));
    return await page.evaluate(startWorker, './suite.js');
  } finally {
    await browser.close();
    server.close();
  }
}

describe.skipIf(why !== '')("the engine's tests in a worker", { timeout: 300_000 }, () => {
  it('pass as they do in Node', async () => {
    const { taken, quick, left } = suiteFiles();
    expect(taken.length).toBeGreaterThan(left.size * 2);
    expect(quick.length).toBeGreaterThan(left.size);
    const files = areAllWanted ? taken : quick;
    const outcomes = await runInBrowser(files);
    expect(outcomes.filter(({ state }) => state !== 'pass')).toEqual([]);
    // Each file has run.
    expect(new Set(outcomes.map(({ file }) => file))).toEqual(new Set(files));
    process.stdout.write(
      `${outcomes.length} tests of ${files.length} files in the worker, ${taken.length + left.size - files.length} files left out\n`,
    );
  });
});
