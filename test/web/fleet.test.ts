import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { BufferSource, openSession } from '@poolscope/engine';
import { dumpBytes, playScenario, scenarios } from '@poolscope/lab';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contentPolicy } from '../../packages/cli/src/web/content-policy.ts';
import { listSite } from '../../packages/cli/src/web/site-files.ts';
import { digest, factsOf, packReport } from '../../packages/triage/src/facts.ts';
import { FleetView } from '../../packages/triage/src/fleet/index.ts';
import { buildApp } from '../../packages/triage/src/server/app.ts';
import { Events } from '../../packages/triage/src/server/events.ts';
import { bucketId } from '../../packages/triage/src/store/bucket-id.ts';
import { recordResults } from '../../packages/triage/src/store/record.ts';
import { record, temporaryStore } from '../../packages/triage/test/made-up-results.ts';
import { findChromium, howToInstall, startBrowser } from './browser.ts';
import { isBuilt, siteFolder } from './site.ts';

/** The page in front of the answers of `poolscope serve`, which are the real ones over a store of few dumps. */

const chromiumPath = findChromium();
const why = chromiumPath === undefined ? howToInstall : isBuilt ? '' : 'the page is not built: npm run build';
if (why !== '') process.stderr.write(`tests of the fleet's page are skipped: ${why}\n`);

const kept = digest('a dump that is kept');

describe.skipIf(why !== '')('the fleet in the page', { timeout: 120_000 }, () => {
  let store: Awaited<ReturnType<typeof temporaryStore>>;
  let server: Server;
  let browser: Browser;
  let page: Page;
  let address: string;
  let summary: string;
  const errors: string[] = [];

  beforeAll(async () => {
    store = await temporaryStore();
    await record(
      store,
      { id: 1, signature: 'BAD_POOL_HEADER|<b>', summary: '<img src=x> was hit' },
      { id: 2, signature: 'BAD_POOL_HEADER|<b>', day: '2026-03-05' },
      { id: 3, signature: 'another', day: '2026-03-04' },
    );
    const dump = dumpBytes(playScenario(scenarios.find(({ name }) => name === 'article-1')!), {
      type: 'bitmap-kernel',
    });
    const path = join(store.folder, 'kept.dmp');
    writeFileSync(path, dump);
    const session = await openSession(new BufferSource(dump), { path: 'article-1.dmp' });
    const analysis = session.analyze();
    summary = analysis.report.verdict.summary;
    const body = packReport(analysis);
    await recordResults(store.db, [
      {
        dump: { sha256: kept, bytes: dump.length },
        analyzer: 'v1',
        outcome: { state: 'analyzed', facts: factsOf(analysis.report), body, milliseconds: 5 },
        attempts: 1,
        machine: { name: 'desk-7', by: 'given' },
        kept: path,
      },
    ]);
    const { db } = store;
    const site = { files: listSite(siteFolder), policy: contentPolicy };
    const parts = { db, fleet: new FleetView(db), events: new Events(db), isLocal: true, site };
    const listener = getRequestListener(buildApp(parts).fetch);
    server = createServer((request, response) => void listener(request, response));
    address = await new Promise((resolve) => {
      server.listen(0, '127.0.0.1', () =>
        resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`),
      );
    });
    browser = await startBrowser(chromiumPath!);
    page = await browser.newPage();
    page.setDefaultTimeout(60_000);
    page.on('pageerror', (error) => errors.push(error.message));
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    server?.closeAllConnections();
    server?.close();
    await store?.remove();
  });

  it('shows the buckets, the largest first', async () => {
    await page.goto(`${address}app/`);
    await page.getByRole('link', { name: 'Fleet' }).click();
    const rows = page.locator('tbody tr');
    await rows.first().waitFor();
    expect(await rows.count()).toBe(3);
    expect(await rows.first().textContent()).toContain('BAD_POOL_HEADER|<b>');
    // All of them by day, each bucket with its colour.
    await page.locator('figure.days svg').waitFor();
    expect(await page.locator('.days-legend li').count()).toBe(2);
    expect(await page.getByRole('link', { name: 'CSV' }).getAttribute('href')).toBe(
      `${address}api/export/buckets.csv`,
    );
  });

  it('shows a bucket: days, suspects, what its dumps share, and the dumps', async () => {
    await page.goto(`${address}app/#/bucket/${bucketId('BAD_POOL_HEADER|<b>')}`);
    await page.getByRole('heading', { name: 'BAD_POOL_HEADER|<b>' }).waitFor();
    await page.getByRole('img', { name: 'Crashes by day, 2026-03-01 to 2026-03-05' }).waitFor();
    expect(await page.getByRole('region', { name: 'What they share' }).textContent()).toContain(
      '19041 x64 (2)',
    );
    await page.getByRole('region', { name: 'Suspects' }).waitFor();
    await page.getByRole('link', { name: '<img src=x> was hit' }).waitFor();
  });

  it('finds dumps by words', async () => {
    await page.goto(`${address}app/#/fleet`);
    await page.getByRole('searchbox', { name: 'Search of all dumps' }).fill('desk-7');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: summary }).click();
    await page.locator('h1', { hasText: summary }).waitFor();
    expect(new URL(page.url()).hash).toBe(`#/dump/${kept}`);
  });

  it('shows the verdict of a stored report, without commands that need the dump', async () => {
    await page.goto(`${address}app/#/dump/${kept}`);
    await page.locator('h1', { hasText: summary }).waitFor();
    await page.locator('figure.picture').waitFor();
    expect(await page.locator('.evidence code.command-text').count()).toBeGreaterThan(0);
    expect(await page.locator('.evidence button').count()).toBe(0);
    expect(await page.locator('main a.to').count()).toBe(0);
  });

  it('opens a dump that the server keeps, with its pool map', async () => {
    await page.getByRole('button', { name: 'Pool map' }).click();
    await page.locator('nav').waitFor();
    expect(new URL(page.url()).hash).toMatch(/^#\/pool/);
    await page.locator('canvas').first().waitFor();
    await page.goto(`${address}app/#/verdict`);
  });

  it('says what is not there', async () => {
    await page.goto(`${address}app/#/dump/${'f'.repeat(64)}`);
    await page.getByRole('alert').filter({ hasText: 'there is nothing of that name' }).waitFor();
    expect(errors).toEqual([]);
  });
});
