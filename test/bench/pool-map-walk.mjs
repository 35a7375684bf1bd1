/**
 * What the page's main thread does while the map of a pool of a million blocks comes in, and when it is panned then, in the built page
 * in Chromium without a screen: no step may hold it up. `npm run build && node test/bench/pool-map-walk.mjs [PAGES]`
 */
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { listSite } from '../../packages/cli/dist/web/site-files.js';
import { SiteServer } from '../../packages/cli/dist/web/site-server.js';
import { syntheticLargeDump } from '../../packages/lab/dist/index.js';
import { poolPages } from './pool-pages.mjs';

/** Milliseconds of one task: a frame of a slow screen. */
const wanted = 50;
const pages = Number(process.argv[2] ?? 73_000);
const mappedAt = 0xffffa80000000000n;
const folder = mkdtempSync(join(tmpdir(), 'poolscope-walk-'));
const server = new SiteServer(listSite(fileURLToPath(new URL('../../apps/web/dist/site/', import.meta.url))));

try {
  const path = join(folder, 'pool.dmp');
  writeDump(path);
  const address = await server.listen(0);
  const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(300_000);
    await page.goto(address);
    await page.locator('input[name=dump]').first().setInputFiles(path);
    await page.locator('nav').waitFor();
    await measure(page);
  } finally {
    await browser.close();
  }
} finally {
  server.close();
  rmSync(folder, { recursive: true, force: true });
}

/** @param {string} path */
function writeDump(path) {
  const dump = syntheticLargeDump({
    type: 'full',
    pages,
    build: 9200,
    mappedAt,
    fill: poolPages(mappedAt).fill,
  });
  const file = openSync(path, 'w');
  for (const { offset, bytes } of dump.pieces()) writeSync(file, bytes, 0, bytes.length, offset);
  closeSync(file);
}

/** @param {import('playwright-core').Page} page */
async function measure(page) {
  await page.evaluate(watchTasks);
  const started = performance.now();
  await page.evaluate(() => {
    location.hash = '#/pool';
  });
  await page.locator('.pool-counts', { hasNotText: 'reading' }).waitFor();
  const counts = await page.locator('.pool-counts').textContent();
  console.log(`${counts}, walked in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  await tell(page, 'while the map came in');
  const canvas = page.locator('.pool-canvas');
  const box = await canvas.boundingBox();
  for (const level of ['Pool', 'Pages', 'Page', 'Bytes']) {
    await page.locator('.pool-levels').getByRole('button', { name: level, exact: true }).click();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.evaluate(watchTasks);
    for (let step = 0; step < 60; step++) await page.mouse.wheel(0, 120);
    await tell(page, `panning, ${level}`);
  }
}

/** Runs in the page: the longest task, and the longest time between two frames, from now on. */
function watchTasks() {
  const seen = { tasks: [], gap: 0, last: performance.now() };
  globalThis.seen = seen;
  new PerformanceObserver((list) =>
    seen.tasks.push(...list.getEntries().map(({ duration }) => duration)),
  ).observe({
    type: 'longtask',
  });
  const frame = (now) => {
    if (globalThis.seen !== seen) return;
    seen.gap = Math.max(seen.gap, now - seen.last);
    seen.last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

/** @param {import('playwright-core').Page} page @param {string} what */
async function tell(page, what) {
  const { tasks, gap } = await page.evaluate(() => globalThis.seen);
  const longest = Math.max(0, ...tasks);
  const text = `${tasks.length} tasks over 50 ms, the longest ${longest.toFixed(0)} ms; ${gap.toFixed(0)} ms between frames at most`;
  console.log(`${what}: ${text}${longest > wanted ? '  more than wanted' : ''}`);
}
