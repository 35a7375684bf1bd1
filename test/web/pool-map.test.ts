import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dumpBytes, playScenario, scenarios } from '@poolscope/lab';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { listSite } from '../../packages/cli/src/web/site-files.ts';
import { SiteServer } from '../../packages/cli/src/web/site-server.ts';
import { findChromium, howToInstall, startBrowser } from './browser.ts';
import { PageDriver } from './page-driver.ts';
import { isBuilt, siteFolder } from './site.ts';

/** The map of the pool in a real browser, with the keyboard and as a table. */

const chromiumPath = findChromium();
const why = chromiumPath === undefined ? howToInstall : isBuilt ? '' : 'the page is not built: npm run build';
if (why !== '') process.stderr.write(`tests of the pool map are skipped: ${why}\n`);

describe.skipIf(why !== '')('the pool map', () => {
  const folder = mkdtempSync(join(tmpdir(), 'poolscope-map-'));
  const path = join(folder, 'article-1.dmp');
  let server: SiteServer;
  let browser: Browser;
  let context: BrowserContext;
  let driver: PageDriver;
  let page: Page;
  let address: string;

  beforeAll(async () => {
    const article = scenarios.find(({ name }) => name === 'article-1')!;
    writeFileSync(path, dumpBytes(playScenario(article), { type: 'bitmap-kernel' }));
    server = new SiteServer(listSite(siteFolder));
    address = await server.listen(0);
    browser = await startBrowser(chromiumPath!);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    await context?.close();
    context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    page = await context.newPage();
    driver = new PageDriver(page);
    await page.goto(address);
    await driver.open(path);
    await driver.show('pool');
    await page.locator('.pool-damage', { hasText: '1 damaged' }).waitFor();
  }, 60_000);

  /** A machine with much else to do takes its time. */
  const soon = { timeout: 20_000 };
  const told = (): Promise<string | null> => page.locator('.pool-told').textContent();
  const panel = () => page.locator('.pool-panel');

  it('begins at what the verdict is about, with its header', async () => {
    await panel().getByText('fffffa8001a1b810', { exact: true }).waitFor();
    await panel().locator('tr', { hasText: 'PoolTag' }).getByText('OOOO').waitFor();
    expect(driver.errors).toEqual([]);
  });

  it('is gone through with the keys, and says where one is', async () => {
    await page.locator('.pool-canvas').focus();
    await page.keyboard.press('d');
    await expect.poll(told, soon).toContain('fffffa8001a1b810: 0x7f0 bytes, damage');
    await page.keyboard.press('ArrowLeft');
    await expect.poll(told, soon).toBe('fffffa8001a1b000: None, 0x810 bytes, in use');
    // A link leads to what is chosen.
    expect(new URL(page.url()).hash).toBe('#/pool/fffffa8001a1b000');
    await page.keyboard.press('ArrowUp');
    await expect.poll(told, soon).toContain('fffffa8001a1a000: Bcch');
    await page.keyboard.press('Home');
    await expect.poll(told, soon).toContain('Nonpaged pool');
    await page.keyboard.press('End');
    const end = await told();
    expect(end).not.toContain('fffffa80');
    for (const [key, name] of [
      ['0', 'Pool'],
      ['9', 'Bytes'],
      ['-', 'Page'],
      ['Escape', 'Pages'],
    ] as const) {
      await page.keyboard.press(key);
      await page.getByRole('button', { name, exact: true, pressed: true }).waitFor();
    }
    expect(driver.errors).toEqual([]);
  });

  it('runs the command of a block in the console', async () => {
    await page.locator('.pool-canvas').focus();
    await page.keyboard.press('d');
    await panel().getByRole('button', { name: '!pool fffffa8001a1b810' }).click();
    // The log shows its end.
    const answer = page.locator('.console-log .row', {
      hasText: 'Its neighbours expect at fffffa8001a1b810',
    });
    await expect.poll(() => answer.count(), soon).toBe(1);
  });

  it('finds tags and addresses', async () => {
    const search = page.getByRole('searchbox', { name: 'Search the map' });
    await search.fill('None');
    await expect.poll(() => page.locator('.pool-found').textContent(), soon).toContain('1 · 2.0 KB');
    await search.press('Enter');
    await panel().getByText('fffffa8001a1b000', { exact: true }).waitFor();
    await search.fill('fffffa8001a1a010');
    await panel().getByText('fffffa8001a1a000', { exact: true }).waitFor();
    await search.fill('fffffa8777777777');
    await expect.poll(() => page.locator('.pool-found').textContent(), soon).toBe('not on the map');
  });

  it('is a table for those who do not see it, with the same blocks', async () => {
    await page.locator('.pool-canvas').focus();
    await page.keyboard.press('d');
    await page.getByRole('button', { name: 'List' }).click();
    const rows = page.locator('.pool-list tbody tr');
    await expect.poll(() => rows.count(), soon).toBe(2);
    expect(await rows.nth(0).innerText()).toMatch(/^fffffa8001a1b000\s+810\s+None\s+in use/);
    expect(await rows.nth(1).innerText()).toMatch(/^fffffa8001a1b810\s+7f0\s+damage/);
    await rows.nth(0).getByRole('button').click();
    await panel().getByText('fffffa8001a1b000', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Page before' }).click();
    await page.locator('.pool-list caption', { hasText: 'fffffa8001a1a000' }).waitFor();
  });

  it('shows the page of special pool that the evidence says was freed', async () => {
    const other = join(folder, 'article-3.dmp');
    const story = scenarios.find(({ name }) => name === 'article-3')!;
    writeFileSync(other, dumpBytes(playScenario(story), { type: 'bitmap-kernel' }));
    await page.locator('input[name=dump]').first().setInputFiles(other);
    await panel().getByText('The evidence of the verdict tells so', { exact: false }).waitFor();
    await panel().getByText('fffff9800a7fe800', { exact: true }).waitFor();
    await panel().getByText('Special pool', { exact: true }).waitFor();
    expect(driver.errors).toEqual([]);
  });

  it('shows what is under the pointer, and takes what is pressed', async () => {
    await page.locator('.pool-canvas').focus();
    await page.keyboard.press('d');
    await page.waitForTimeout(100);
    const box = (await page.locator('.pool-canvas').boundingBox())!;
    await page.mouse.move(box.x + 200, box.y + box.height / 3 + 8);
    const tip = page.locator('.pool-tip');
    await tip.waitFor();
    const at = (await tip.locator('code').textContent())!;
    expect(at).toMatch(/^fffffa8001a/);
    await page.mouse.down();
    await page.mouse.up();
    await panel().getByText(at, { exact: true }).waitFor();
  });
});
