import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dumpBytes, playScenario, scenarios, symbolStore } from '@poolscope/lab';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { listSite } from '../../packages/cli/src/web/site-files.ts';
import { SiteServer } from '../../packages/cli/src/web/site-server.ts';
import { findChromium, howToInstall, startBrowser } from './browser.ts';
import { PageDriver } from './page-driver.ts';
import { anySite, isBuilt, LoopbackServer, siteFolder, Trap } from './site.ts';

/** A symbol server that the user typed in: the page asks that one, and can ask no other. */

const chromiumPath = findChromium();
const why = chromiumPath === undefined ? howToInstall : isBuilt ? '' : 'the page is not built: npm run build';
if (why !== '') process.stderr.write(`tests of the page's symbol server are skipped: ${why}\n`);

describe.skipIf(why !== '')('a symbol server that is typed into the page', { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'poolscope-typed-'));
  const dump = join(folder, 'article-1.dmp');
  const machine = why === '' ? playScenario(scenarios.find(({ name }) => name === 'article-1')!) : undefined;
  const files = new Map(
    (machine === undefined ? [] : symbolStore(machine)).map(({ path, bytes }) => [path, bytes]),
  );
  const open = new LoopbackServer(files, anySite);
  // As most servers of symbols: pages of other sites may not read.
  const closed = new LoopbackServer(files, {});
  const trap = new Trap();
  let browser: Browser;
  let context: BrowserContext;
  let site: SiteServer;
  let address: string;
  let driver: PageDriver;

  beforeAll(async () => {
    writeFileSync(dump, dumpBytes(machine!, { type: 'bitmap-kernel' }));
    site = new SiteServer(listSite(siteFolder));
    address = await site.listen(0);
    browser = await startBrowser(chromiumPath!);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    for (const server of [site, open, closed, trap]) server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    await context?.close();
    context = await browser.newContext();
    context.setDefaultTimeout(60_000);
    driver = new PageDriver(await context.newPage());
    await driver.page.goto(address);
  });

  async function typeServer(server: string): Promise<void> {
    const { page } = driver;
    await page.locator('summary', { hasText: 'Symbols from a server' }).click();
    await page.getByLabel('Symbol server').fill(server);
    await page.getByRole('button', { name: 'Allow it' }).click();
  }

  const strangers = (allowed: string) =>
    driver.requests.filter(
      (url) => !/^(blob:|data:)/.test(url) && !url.startsWith(address) && !url.startsWith(allowed),
    );

  it('is asked for what the stack needs, and nobody else can be', async () => {
    const { page } = driver;
    const server = await open.listen();
    const elsewhere = await trap.listen();
    await typeServer(server);
    await page.getByText(`Symbols are asked of ${server}`).waitFor();
    expect(open.visits).toEqual([]);
    await driver.open(dump);
    await driver.show('stack');
    await page.locator('td', { hasText: 'pathtbl!PathtblDeviceControl' }).first().waitFor();
    expect(driver.errors).toEqual([]);
    expect(open.visits.length).toBeGreaterThan(1);
    expect(open.visits.filter((path) => !/^[\w.]+\/[0-9A-Fa-f]+\/[\w.]+$/.test(path))).toEqual([]);
    const ask = (url: string) => fetch(url).then(String, () => 'refused');
    expect(page.workers().length).toBeGreaterThan(0);
    expect(await page.evaluate(ask, elsewhere)).toBe('refused');
    for (const worker of page.workers()) expect(await worker.evaluate(ask, elsewhere)).toBe('refused');
    expect(trap.visits).toEqual([]);
    expect(strangers(server).filter((url) => url !== elsewhere)).toEqual([]);
    // The promise that the page makes says so.
    expect(await page.locator('button.privacy').textContent()).toContain(new URL(server).host);
  });

  it('is said to give nothing where it lets no other site read', async () => {
    await typeServer(await closed.listen());
    await driver.open(dump);
    await driver.page.getByRole('status').filter({ hasText: 'gave no symbols' }).waitFor();
    expect(await driver.page.locator('.busy').textContent()).toContain('CORS');
  });

  it('is forgotten when the user says so, and in a new tab', async () => {
    const { page } = driver;
    const server = 'http://127.0.0.1:9/';
    await typeServer(server);
    await page.getByText(`Symbols are asked of ${server}`).waitFor();
    const other = await context.newPage();
    await other.goto(page.url());
    await other.getByText('Drop a Windows crash dump here').waitFor();
    expect(await other.getByText(`Symbols are asked of ${server}`).count()).toBe(0);
    await page.getByRole('button', { name: 'Ask nobody' }).click();
    await page.waitForURL(/index\.html/);
    expect(await page.locator('button.privacy').textContent()).toContain('nothing leaves this machine');
  });

  it('is refused where it is none', async () => {
    await typeServer('symbols.example; connect-src *');
    await driver.page.getByRole('alert').filter({ hasText: 'no address of a server' }).waitFor();
    expect(driver.page.url()).toBe(address);
  });

  it('cannot come with a link', async () => {
    const { page } = driver;
    await page.goto(`${address}with-server.html?server=${encodeURIComponent('http://127.0.0.1:9/')}`);
    await page.getByText('Drop a Windows crash dump here').waitFor();
    const policies = await page.evaluate(() =>
      [
        ...(
          globalThis as unknown as {
            document: { querySelectorAll(s: string): Iterable<{ content: string }> };
          }
        ).document.querySelectorAll('meta[http-equiv=Content-Security-Policy]'),
      ].map(({ content }) => content),
    );
    expect(policies.at(-1)!.split('; ')).toContain("connect-src 'self'");
  });
});
