import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dumpBytes, playScenario, scenarios } from '@poolscope/lab';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listSite } from '../../packages/cli/src/web/site-files.ts';
import { SiteServer } from '../../packages/cli/src/web/site-server.ts';
import { findChromium, howToInstall, startBrowser } from './browser.ts';
import { PageDriver } from './page-driver.ts';
import { isBuilt, siteFolder } from './site.ts';

/** What holds for the looks of every view, and for those who do not see it: on a desk and on a phone, dark and light. */

const chromiumPath = findChromium();
const why = chromiumPath === undefined ? howToInstall : isBuilt ? '' : 'the page is not built: npm run build';
if (why !== '') process.stderr.write(`tests of the page's looks are skipped: ${why}\n`);

const views = [
  ...['verdict', 'pool', 'tags', 'crash', 'stack', 'registers', 'memory', 'code', 'modules'],
  ...['verifier', 'console', 'lab', 'fleet'],
];
const screens = [
  { name: 'a desk, dark', width: 1280, height: 800, colorScheme: 'dark' },
  { name: 'a phone, light', width: 390, height: 844, colorScheme: 'light' },
] as const;

const inPage = fileURLToPath(new URL('in-page.mjs', import.meta.url));

/** What `lookAtPage` of in-page.mjs finds. */
interface Found {
  readonly overflow: number;
  readonly nameless: string[];
  readonly cut: string[];
  readonly faint: string[];
  readonly landmarks: string[];
  readonly headings: number;
  readonly shift: number;
  readonly shifted: string[];
}

/** What `focusedNow` of in-page.mjs finds. */
interface Stop {
  readonly name: string;
  readonly hasRing: boolean;
  readonly part: string;
}

describe.skipIf(why !== '')('every view', { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'poolscope-looks-'));
  const dump = join(folder, 'article-1.dmp');
  let server: SiteServer;
  let browser: Browser;
  let address: string;

  beforeAll(async () => {
    const story = scenarios.find(({ name }) => name === 'article-1')!;
    writeFileSync(dump, dumpBytes(playScenario(story), { type: 'bitmap-kernel' }));
    server = new SiteServer(listSite(siteFolder));
    address = await server.listen(0);
    browser = await startBrowser(chromiumPath!);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(screen: (typeof screens)[number]): Promise<PageDriver> {
    const { width, height, colorScheme } = screen;
    const page = await browser.newPage({ viewport: { width, height }, colorScheme });
    page.setDefaultTimeout(60_000);
    const driver = new PageDriver(page);
    await page.addInitScript({ path: inPage });
    await page.goto(address);
    return driver;
  }

  it.each(screens)('fits $name, does not move, and has a name for everything', async (screen) => {
    const driver = await open(screen);
    const { page } = driver;
    const found: Record<string, Found> = { open: await page.evaluate<Found>('lookAtPage()') };
    await driver.open(dump);
    for (const view of views) {
      const link = page.locator(`nav a[href="#/${view}"]`);
      if ((await link.count()) > 0) await link.click();
      else await driver.show(view);
      await page.waitForTimeout(400);
      found[view] = await page.evaluate<Found>('lookAtPage()');
    }
    const entries = Object.entries(found);
    const of = (pick: (each: Found) => unknown[]) =>
      entries.flatMap(([view, each]) => pick(each).map((one) => `${view}: ${String(one)}`));
    expect(of(({ overflow }) => (overflow > 1 ? [overflow] : []))).toEqual([]);
    expect(of(({ nameless }) => nameless)).toEqual([]);
    expect(of(({ cut }) => cut)).toEqual([]);
    expect(of(({ faint }) => faint)).toEqual([]);
    // People begin to notice shifts of 0.1.
    expect(of(({ shift, shifted }) => (shift > 0.02 ? [shift, ...new Set(shifted)] : []))).toEqual([]);
    expect(of(({ headings }) => (headings > 1 ? [headings] : []))).toEqual([]);
    for (const [, { landmarks }] of entries)
      expect(landmarks).toEqual(expect.arrayContaining(['header', 'main']));
    expect(found['verdict']!.landmarks).toContain('nav');
    expect(driver.errors).toEqual([]);
    await page.close();
  });

  it('shows where the keyboard is, and comes to everything in the order of the eyes', async () => {
    const driver = await open(screens[0]);
    const { page } = driver;
    await driver.open(dump);
    await page.evaluate('document.body.focus()');
    const stops: Stop[] = [];
    for (let step = 0; step < 40; step++) {
      await page.keyboard.press('Tab');
      stops.push(await page.evaluate<Stop>('focusedNow()'));
    }
    expect(stops[0]!.name).toBe('Skip to the view');
    expect(stops.filter(({ hasRing }) => !hasRing).map(({ name }) => name)).toEqual([]);
    const parts = stops.map(({ part }) => part).filter((part, at, all) => part !== all[at - 1]);
    expect(parts.slice(0, 5)).toEqual(['', 'HEADER', 'NAV', 'MAIN', 'SECTION']);
    await page.close();
  });
});
