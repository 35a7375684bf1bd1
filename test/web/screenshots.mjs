/**
 * Pictures of every view for docs/guide/web.md: `npm run build && node test/web/screenshots.mjs [NAME...]`. They show dumps of
 * the lab only.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { listSite } from '../../packages/cli/dist/web/site-files.js';
import { SiteServer } from '../../packages/cli/dist/web/site-server.js';
import {
  dumpBytes,
  heapScenarios,
  playScenario,
  scenarios,
  symbolStore,
} from '../../packages/lab/dist/index.js';

const images = fileURLToPath(new URL('../../docs/guide/images/', import.meta.url));
const site = fileURLToPath(new URL('../../apps/web/dist/site/', import.meta.url));
const mostBytes = 200_000;

/**
 * @typedef {object} Shot
 * @property {string} name of the file, without `web-` and its ending
 * @property {string} [view] what the address bar says
 * @property {string} [scenario] of the lab whose dump is open; none: nothing is
 * @property {'light' | 'dark'} [theme]
 * @property {{ width: number, height: number }} [size]
 * @property {(page: import('playwright-core').Page) => Promise<void>} [before] what the user does
 */

/** @param {import('playwright-core').Page} page @param {string} command */
const run = async (page, command) => {
  await page.locator('#command').fill(command);
  await page.locator('#command').press('Enter');
};

/** @param {import('playwright-core').Page} page @param {string} name */
const level = async (page, name) => {
  await page.getByRole('button', { name: 'Smaller console' }).click();
  await page.locator('.pool-counts', { hasNotText: 'reading' }).waitFor();
  await page.locator('.pool-levels').getByRole('button', { name, exact: true }).click();
};

/** @type {readonly Shot[]} */
const shots = [
  { name: 'open', theme: 'light' },
  {
    name: 'error',
    theme: 'light',
    before: async (page) => {
      const path = join(folder, 'setupapi.log');
      writeFileSync(path, 'This is a log and no dump.\n'.repeat(400));
      await page.locator('input[name=dump]').setInputFiles(path);
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'verdict',
    scenario: 'article-1',
    before: async (page) => {
      await page.locator('.evidence button').nth(2).click();
      await page.locator('h1').scrollIntoViewIfNeeded();
    },
  },
  { name: 'verdict-light', scenario: 'article-1', theme: 'light' },
  { name: 'verdict-phone', scenario: 'article-1', theme: 'light', size: { width: 390, height: 800 } },
  { name: 'pool', scenario: 'article-1', view: 'pool' },
  { name: 'pool-whole', scenario: 'overrun-text', view: 'pool', before: (page) => level(page, 'Pool') },
  {
    name: 'pool-bytes',
    scenario: 'article-1',
    view: 'pool',
    theme: 'light',
    before: (page) => level(page, 'Bytes'),
  },
  { name: 'pool-special', scenario: 'article-2', view: 'pool', theme: 'light' },
  { name: 'pool-heap', scenario: 'slot-overrun', view: 'pool' },
  { name: 'tags', scenario: 'article-1', view: 'tags', theme: 'light' },
  { name: 'bug-check', scenario: 'article-1', view: 'crash' },
  { name: 'stack', scenario: 'article-1', view: 'stack', theme: 'light' },
  {
    name: 'registers',
    scenario: 'article-1',
    view: 'registers',
    before: (page) => run(page, '.cxr fffff88004763560'),
  },
  { name: 'memory', scenario: 'article-1', view: 'memory', theme: 'light' },
  { name: 'code', scenario: 'article-1', view: 'code' },
  { name: 'modules', scenario: 'article-1', view: 'modules', theme: 'light' },
  {
    name: 'verifier',
    scenario: 'article-3',
    view: 'verifier',
    before: async (page) => {
      await page.locator('summary', { hasText: 'Open' }).click();
      await page.locator('input[name=besides]').setInputFiles(symbolFiles('article-3'));
      await page.locator('.log-line').first().waitFor();
    },
  },
  {
    name: 'console',
    scenario: 'article-1',
    view: 'console',
    before: async (page) => {
      await run(page, '!pool fffffa8001a1b820');
      await run(page, 'db fffffa8001a1b7f0 L60');
      await run(page, 'dt nt!_POOL_HEADER fffffa8001a1b000');
    },
  },
  {
    name: 'lab',
    scenario: 'article-1',
    view: 'lab',
    theme: 'light',
    before: async (page) => {
      await page.getByRole('button', { name: 'Smaller console' }).click();
      await page.getByRole('button', { name: 'Play until it crashes' }).click();
      await page.getByRole('button', { name: '◂ change of the page' }).click();
    },
  },
];

/** The largest bucket, and its last dump. */
const showBucket = async (/** @type {import('playwright-core').Page} */ page) => {
  await page.locator('td.words a').first().click();
  await page.getByRole('region', { name: 'Suspects' }).waitFor();
};

/** @type {readonly Shot[]} */
const fleetShots = [
  {
    name: 'fleet',
    view: 'fleet',
    theme: 'light',
    before: (page) => page.locator('.days-legend').waitFor(),
  },
  { name: 'bucket', view: 'fleet', before: showBucket },
  {
    name: 'fleet-dump',
    view: 'fleet',
    theme: 'light',
    before: async (page) => {
      await page.getByRole('searchbox').fill('pool-overrun');
      await page.keyboard.press('Enter');
      await page
        .getByRole('link', { name: /past its end/ })
        .first()
        .click();
      await page.locator('.verdict').waitFor();
    },
  },
];

const folder = mkdtempSync(join(tmpdir(), 'poolscope-shots-'));

/** A server with the dumps of a fleet of the lab, as its user would start it. */
async function serveFleet() {
  const program = fileURLToPath(new URL('../../packages/cli/dist/main.js', import.meta.url));
  const options = { cwd: folder, stdio: /** @type {'ignore'} */ ('ignore') };
  const poolscope = (/** @type {string[]} */ ...args) =>
    execFileSync(process.execPath, [program, ...args], options);
  poolscope('lab', 'fleet', '--out', 'dumps', '--machines', '120', '--crashes', '40', '--seed', '5');
  poolscope('triage', 'dumps', '--machine-from', 'folder', '--db', 'fleet.sqlite', '--keep-dumps', 'kept');
  const child = spawn(process.execPath, [program, 'serve', '--db', 'fleet.sqlite', '--port', '0'], {
    cwd: folder,
  });
  const url = await new Promise((resolve) => {
    child.stderr.on('data', (text) => {
      const found = /http:\S+(?=;)/.exec(String(text));
      if (found !== null) resolve(`${found[0]}/app/`);
    });
  });
  return { url, close: () => child.kill('SIGINT') };
}

/** @param {string} name */
function machineOf(name) {
  const scenario = [...scenarios, ...heapScenarios].find((each) => each.name === name);
  if (scenario === undefined) throw new Error(`no scenario ${name}`);
  return playScenario(scenario);
}

/** @param {string} name */
function dumpFile(name) {
  const path = join(folder, `${name}.dmp`);
  writeFileSync(path, dumpBytes(machineOf(name), { type: 'bitmap-kernel' }));
  return path;
}

/** @param {string} name */
function symbolFiles(name) {
  const files = symbolStore(machineOf(name)).filter(({ path }) => path.endsWith('.pdb'));
  return files.map(({ path, bytes }) => {
    const file = join(folder, path.replace(/^.*\//, ''));
    writeFileSync(file, bytes);
    return file;
  });
}

/** @param {import('playwright-core').Browser} browser @param {string} address @param {Shot} shot */
async function take(browser, address, { name, view, scenario, theme = 'dark', size, before }) {
  const viewport = size ?? { width: 1180, height: 760 };
  const page = await browser.newPage({ viewport, colorScheme: theme });
  await page.goto(address);
  if (scenario !== undefined) {
    await page.locator('input[name=dump]').first().setInputFiles(dumpFile(scenario));
    await page.locator('nav').waitFor();
  }
  if (view !== undefined) await page.goto(`${address}#/${view}`);
  await before?.(page);
  // What was asked for is there, and drawn.
  await page.waitForTimeout(1500);
  const path = join(images, `web-${name}.png`);
  await page.screenshot({ path });
  await page.close();
  const bytes = statSync(path).size;
  process.stdout.write(`${path}: ${bytes} bytes\n`);
  if (bytes > mostBytes) throw new Error(`${path} is too large`);
}

const wanted = process.argv.slice(2);
const server = new SiteServer(listSite(site));
const address = await server.listen(0);
const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
try {
  mkdirSync(images, { recursive: true });
  const isWanted = (/** @type {Shot} */ { name }) => wanted.length === 0 || wanted.includes(name);
  for (const shot of shots.filter(isWanted)) await take(browser, address, shot);
  const ofFleet = fleetShots.filter(isWanted);
  if (ofFleet.length > 0) {
    const fleet = await serveFleet();
    for (const shot of ofFleet) await take(browser, fleet.url, shot);
    fleet.close();
  }
} finally {
  await browser.close();
  server.close();
  rmSync(folder, { recursive: true, force: true });
}
