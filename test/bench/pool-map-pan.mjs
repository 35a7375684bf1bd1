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
const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
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
    report(await page.evaluate(([count, times]) => globalThis.measure(count, times), [pages, steps]));
  } finally {
    await browser.close();
  }
} finally {
  server.close();
  rmSync(folder, { recursive: true, force: true });
}

function report({ parts, loadMs, levels }) {
  console.log(
    `${parts} blocks on ${pages} pages, made and loaded in ${loadMs.toFixed(0)} ms; ${scale} device pixels`,
  );
  for (const { level, step, times } of levels) {
    const sorted = times.toSorted((a, b) => a - b);
    const at = (share) => sorted[Math.floor((sorted.length - 1) * share)];
    const [median, most] = [at(0.5), at(0.95)];
    const name =
      step.kind === 'cells' ? `cells of ${step.cell}` : `${step.kind} of 0x${step.bytesPerRow.toString(16)}`;
    const mark = most <= wanted ? '' : '  more than wanted';
    console.log(
      `${level}  ${name.padEnd(18)} ${median.toFixed(1)} ms, 95 of 100 within ${most.toFixed(1)} ms${mark}`,
    );
  }
}
