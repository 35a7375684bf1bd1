import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dumpBytes, playScenario, scenarios } from '@poolscope/lab';
import { type Browser, chromium } from 'playwright-core';
import { build } from 'vite';
import { afterAll, describe, expect, it } from 'vitest';

const example = fileURLToPath(new URL('../../examples/browser/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'poolscope-page-'));
const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
);
let server: Server | undefined;
let browser: Browser | undefined;

afterAll(async () => {
  await browser?.close();
  server?.close();
  rmSync(folder, { recursive: true });
});

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** The built page, at an address of this machine. */
async function serve(site: string): Promise<string> {
  server = createServer(({ url = '/' }, response) => {
    const path = join(site, url === '/' ? 'index.html' : decodeURIComponent(url));
    if (!existsSync(path)) return void response.writeHead(404).end();
    response.setHeader('content-type', types[extname(path)] ?? 'application/octet-stream');
    response.end(readFileSync(path));
  });
  await new Promise<void>((resolve) => {
    server!.listen(0, '127.0.0.1', resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

describe('the page of the examples', () => {
  it.skipIf(executablePath === undefined)(
    'opens a dump in a browser, with instructions disassembled',
    async () => {
      const site = join(folder, 'site');
      const configFile = join(example, 'vite.config.mjs');
      await build({ root: example, configFile, logLevel: 'error', build: { outDir: site, minify: false } });
      const dump = join(folder, 'crash.dmp');
      const machine = playScenario(scenarios.find(({ name }) => name === 'double-free')!, { seed: 1 });
      writeFileSync(dump, dumpBytes(machine, { type: 'bitmap-kernel' }));
      browser = await chromium.launch({ executablePath: executablePath!, args: ['--no-sandbox'] });
      const page = await browser.newPage();
      const requests: string[] = [];
      page.on('request', (request) => requests.push(new URL(request.url()).pathname));
      await page.goto(await serve(site));
      await page.setInputFiles('#file', dump);
      await expect.poll(() => page.textContent('#answer'), { timeout: 30_000 }).toContain('DOUBLE FREE');
      expect(await page.textContent('#answer')).toContain('What would settle it');
      expect(requests.some((path) => path.endsWith('.wasm'))).toBe(true);
      await page.setInputFiles('#file', join(example, 'index.html'));
      await expect.poll(() => page.textContent('#answer')).toContain('MEMORY.DMP');
    },
  );
});
