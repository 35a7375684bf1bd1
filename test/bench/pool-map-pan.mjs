/**
 * How long the page's main thread works for one step of panning the pool map: at every zoom, with a million blocks, in
 * Chromium without a screen. Wanted: 8 ms at most. `node test/bench/pool-map-pan.mjs [PAGES] [SCALE]`
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { build } from 'vite';

const wanted = 8;
const steps = 48;
const pages = Number(process.argv[2] ?? 60_000);
const scale = Number(process.argv[3] ?? 1);
const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
const root = fileURLToPath(new URL('pool-map/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'poolscope-map-'));
const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

const server = createServer(({ url = '/' }, response) => {
  const path = join(folder, url === '/' ? 'index.html' : url);
  response.setHeader('content-type', types[extname(path)] ?? 'application/octet-stream');
  response.end(readFileSync(path));
});

try {
  await build({
    root,
    configFile: false,
    base: './',
    logLevel: 'error',
    build: { outDir: folder, emptyOutDir: true, target: 'es2023', minify: false },
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      deviceScaleFactor: scale,
    });
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    await page.waitForFunction(() => document.title === 'ready');
    await measure(page, await context.newCDPSession(page));
  } finally {
    await browser.close();
  }
} finally {
  server.close();
  rmSync(folder, { recursive: true, force: true });
}

/** Wall time of single steps, and the time that the main thread itself worked: another program's work is none of it. */
async function measure(page, devTools) {
  await devTools.send('Performance.enable', { timeDomain: 'threadTicks' });
  const { parts, loadMs, levels } = await page.evaluate((count) => globalThis.load(count), pages);
  console.log(
    `${parts} blocks on ${pages} pages, made and loaded in ${loadMs.toFixed(0)} ms; ${scale} device pixels`,
  );
  for (const [level, step] of levels.entries()) {
    const pan = (count) => page.evaluate(([at, times]) => globalThis.pan(at, times), [level, count]);
    // Until the code is compiled.
    await pan(steps / 4);
    const before = await workedMs(devTools);
    const times = (await pan(steps)).sort((a, b) => a - b);
    const worked = ((await workedMs(devTools)) - before) / steps;
    const median = times[times.length >> 1];
    const name =
      step.kind === 'cells' ? `cells of ${step.cell}` : `${step.kind} of 0x${step.bytesPerRow.toString(16)}`;
    const mark = worked <= wanted ? '' : '  more than wanted';
    console.log(
      `${level}  ${name.padEnd(18)} ${worked.toFixed(1)} ms of work a step, ${median.toFixed(1)} ms on the clock${mark}`,
    );
  }
}

async function workedMs(devTools) {
  const { metrics } = await devTools.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration').value * 1000;
}
