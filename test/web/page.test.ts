import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Report } from '@poolscope/engine';
import {
  type DumpKind,
  dumpBytes,
  heapScenarios,
  type Machine,
  playScenario,
  scenarios,
  symbolStore,
} from '@poolscope/lab';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NodeSymbolSource } from '../../packages/cli/src/symbols/node-symbol-source.ts';
import { listSite } from '../../packages/cli/src/web/site-files.ts';
import { SiteServer } from '../../packages/cli/src/web/site-server.ts';
import { SymbolRoute } from '../../packages/cli/src/web/symbol-route.ts';
import { runPoolscope } from '../cli/run-poolscope.ts';
import { hasShared, sharedPath } from '../shared-files.ts';
import { findChromium, howToInstall, pageMemory, startBrowser } from './browser.ts';
import { PageDriver } from './page-driver.ts';
import {
  assetsLike,
  firstFiles,
  isBuilt,
  loadedWith,
  packedSize,
  siteFolder,
  Trap,
  workerScript,
} from './site.ts';

/** The built page in a real browser, with the built command line beside it. */

const chromiumPath = findChromium();
const why = chromiumPath === undefined ? howToInstall : isBuilt ? '' : 'the page is not built: npm run build';
if (why !== '') process.stderr.write(`tests of the page are skipped: ${why}\n`);

const folder = mkdtempSync(join(tmpdir(), 'poolscope-page-'));
const machines = new Map<string, Machine>();
let browser: Browser;
let context: BrowserContext;
let server: SiteServer;
let address: string;
let driver: PageDriver;

function machineOf(name: string): Machine {
  const scenario = [...scenarios, ...heapScenarios].find((each) => each.name === name)!;
  const machine = machines.get(name) ?? playScenario(scenario);
  machines.set(name, machine);
  return machine;
}

function dumpFile(name: string, type: DumpKind = 'bitmap-kernel'): string {
  const path = join(folder, `${name}-${type}.dmp`);
  writeFileSync(path, dumpBytes(machineOf(name), { type }));
  return path;
}

/** The dump of a scenario under the name that the lab gives it. */
function dumpFileNamed(name: string): string {
  const path = join(folder, name);
  writeFileSync(path, dumpBytes(machineOf(name.replace('.dmp', '')), { type: 'bitmap-kernel' }));
  return path;
}

/** What the command line says; the page knows files by their names alone. */
function reportOf(path: string): Report {
  const { stdout } = runPoolscope(['analyze', '--json', path]);
  const report = JSON.parse(stdout) as Report;
  return { ...report, dump: { ...report.dump, path: path.replace(/^.*[/\\]/, '') } };
}

function transcriptOf(path: string, commands: readonly string[]): string {
  return runPoolscope(['debug', path, ...commands.flatMap((command) => ['-c', command])]).stdout;
}

describe.skipIf(!isBuilt)('what the page loads', () => {
  const sizeOf = (names: readonly string[]) => names.reduce((sum, name) => sum + packedSize(name), 0);

  it('is small at first, without engine, lab and disassemblers', () => {
    const names = firstFiles();
    expect(names.length).toBeGreaterThan(2);
    expect(sizeOf(names) / 1024).toBeLessThan(100);
  });

  it('has 400 KB for a verdict, disassembler aside', () => {
    const names = [...firstFiles(), ...loadedWith(workerScript('engine'))];
    expect(names.filter((name) => /iced|capstone|libarchive|console|lab-/.test(name))).toEqual([]);
    expect(sizeOf(names) / 1024).toBeLessThan(400);
  });

  it('has a disassembler, commands and the lab for later', () => {
    expect(assetsLike(/iced.*\.(js|wasm)$/)).toHaveLength(2);
    expect(sizeOf(loadedWith(workerScript('lab'))) / 1024).toBeLessThan(260);
    const [commands = '', ...others] = assetsLike(/^console-calls-.*\.js$/);
    expect(others).toEqual([]);
    expect(sizeOf([commands]) / 1024).toBeLessThan(260);
  });
});

// Machines that do much else are slow, not wrong.
describe.skipIf(why !== '')('the page', { timeout: 180_000 }, () => {
  beforeAll(async () => {
    server = new SiteServer(listSite(siteFolder));
    address = await server.listen(0);
    browser = await startBrowser(chromiumPath!);
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    await context?.close();
    context = await browser.newContext({ acceptDownloads: true });
    context.setDefaultTimeout(90_000);
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    driver = new PageDriver(await context.newPage());
    await driver.page.goto(address);
  });

  it.each([
    ['article-1', 'bitmap-kernel'],
    ['slot-overrun', 'bitmap-kernel'],
    ['double-free-late', 'triage'],
  ] as const)('says of %s (%s) what the command line says', async (name, type) => {
    const path = dumpFile(name, type);
    await driver.open(path);
    const wanted = reportOf(path);
    expect(await driver.page.locator('h1').textContent()).toBe(wanted.verdict.summary);
    expect(await driver.report()).toEqual(wanted);
    expect(driver.errors).toEqual([]);
  });

  it('needs nothing more for a verdict than what is counted', async () => {
    const counted = new Set(
      [...firstFiles(), ...loadedWith(workerScript('engine'))].map((name) => `/${name}`),
    );
    const files = [...listSite(siteFolder)].filter(
      ([path]) => path === '/' || counted.has(path) || /iced/.test(path),
    );
    const small = new SiteServer(new Map(files));
    try {
      await driver.page.goto(await small.listen(0));
      await driver.open(dumpFile('article-1'));
      const { verdict } = reportOf(dumpFile('article-1'));
      expect(await driver.page.locator('h1').textContent()).toBe(verdict.summary);
    } finally {
      small.close();
    }
  });

  it.skipIf(!hasShared).each(['triage_x64.dmp', 'training_7e_1.dmp', 'triage_arm64.dmp'])(
    'says of the real dump %s what the command line says',
    async (name) => {
      const path = sharedPath(`dumps/${name}`);
      await driver.open(path);
      expect(await driver.report()).toEqual(reportOf(path));
    },
  );

  it('shows the transcripts of the terminal', async () => {
    const path = dumpFile('article-1');
    const commands = [
      'vertarget',
      '.bugcheck',
      'kn',
      'r',
      'lm',
      '!pool fffffa8001a1b820',
      '!poolval fffffa8001a1b000',
      'db fffffa8001a1b7f0 L60',
      'dt nt!_POOL_HEADER fffffa8001a1b000',
      'ub . L4; u . L4',
      '!analyze -v',
      'db 1000 L10',
      '!pool',
      'nosuchcommand',
      '.for (r $t0=0; @$t0<3; r $t0=@$t0+1) { .printf "%d\\n", @$t0 }',
    ];
    await driver.open(path);
    const lines = (text: string) => text.split('\n');
    expect(lines(await driver.transcript(commands.flatMap((command) => command.split(/; (?=u )/))))).toEqual(
      lines(transcriptOf(path, commands)),
    );
  });

  it('marks the damaged bytes that evidence shows', async () => {
    await driver.open(dumpFile('article-1'));
    await driver.page.locator('.evidence button', { hasText: /^db / }).first().click();
    const marked = driver.page.locator('.console-log .hit');
    await marked.first().waitFor();
    expect((await marked.allTextContents()).join(' ')).toContain('4f');
  });

  it('reads a file of many gigabytes within its memory', async () => {
    const path = join(folder, 'large.dmp');
    writeLargeDump(path, dumpBytes(machineOf('article-1'), { type: 'full' }), 12 * 2 ** 30);
    const before = pageMemory();
    await driver.open(path);
    expect(await driver.page.locator('h1').textContent()).toBe(
      reportOf(dumpFile('article-1', 'full')).verdict.summary,
    );
    if (before !== undefined) expect((pageMemory()! - before) / 2 ** 20).toBeLessThan(300);
    // Far behind the first 4 GB: the last page of the file.
    expect(await driver.transcript(['!db 300000000 L10'])).toContain(' 00 00 00 00 00 00 00 00-00');
    // A search through all of it ends when it is stopped.
    await driver.type('!search 123456789abcdef0');
    await driver.page.getByRole('button', { name: 'Stop (Ctrl-C)' }).click();
    await driver.page.locator('.console-log .row', { hasText: /^\^C$/ }).waitFor();
  });

  it('stops opening when it is asked to', async () => {
    const path = join(folder, 'slow.dmp.gz');
    const dump = dumpBytes(machineOf('article-1'), { type: 'bitmap-kernel' });
    writeFileSync(path, gzipSync(Buffer.concat([dump, Buffer.alloc(400 << 20)]), { level: 1 }));
    await driver.page.locator('input[name=dump]').setInputFiles(path);
    await driver.page.getByRole('button', { name: 'Cancel' }).click();
    await driver.page.getByText('Drop a Windows crash dump here').waitFor();
    // The page works on.
    await driver.open(dumpFile('article-1'));
    expect(driver.errors).toEqual([]);
  });

  it('tells what is wrong with a file, and what to do', async () => {
    const path = join(folder, 'letter.dmp');
    writeFileSync(path, 'no dump at all, but long enough to have a header: '.repeat(400));
    await driver.page.locator('input[name=dump]').setInputFiles(path);
    const note = driver.page.getByRole('alert');
    await note.waitFor();
    const [message = '', remedy = ''] = runPoolscope(['analyze', path]).stderr.trim().split('\n');
    expect(await note.textContent()).toContain(message.replace(/^poolscope: (\S*letter\.dmp:? ?)?/, ''));
    expect(await note.textContent()).toContain(remedy.trim());
    await driver.open(dumpFile('article-1'));
  });

  it('reads symbols that are dropped on it', async () => {
    const machine = machineOf('article-1');
    const files = symbolStore(machine).filter(({ path }) => path.endsWith('.pdb'));
    const paths = files.map(({ path, bytes }) => {
      const file = join(folder, path.replace(/^.*\//, ''));
      mkdirSync(folder, { recursive: true });
      writeFileSync(file, bytes);
      return file;
    });
    await driver.open(dumpFile('article-1'));
    await driver.show('stack');
    const named = driver.page.locator('td', { hasText: 'pathtbl!PathtblDeviceControl' });
    expect(await named.count()).toBe(0);
    await driver.page.locator('summary', { hasText: 'Open' }).click();
    await driver.page.locator('input[name=besides]').setInputFiles(paths);
    await named.first().waitFor();
  });

  it('reads symbols that its server finds', async () => {
    const store = join(folder, 'store');
    for (const { path, bytes } of symbolStore(machineOf('article-1'))) {
      mkdirSync(join(store, path, '..'), { recursive: true });
      writeFileSync(join(store, path), bytes);
    }
    const reporter = { progress() {}, fetched() {}, problem() {} };
    const source = new NodeSymbolSource({ elements: [{ kind: 'folder', path: store }], reporter });
    const withSymbols = new SiteServer(listSite(siteFolder), new SymbolRoute(source));
    try {
      await driver.page.goto(await withSymbols.listen(0));
      await driver.open(dumpFile('article-1'));
      await driver.show('stack');
      await driver.page.locator('td', { hasText: 'pathtbl!PathtblDeviceControl' }).first().waitFor();
      expect(driver.errors).toEqual([]);
    } finally {
      withSymbols.close();
      source.close();
    }
  });

  it('works by the keyboard', async () => {
    const { page } = driver;
    await driver.open(dumpFile('article-1'));
    await page.locator('#command').focus();
    await page.keyboard.type('!poolv');
    await page.keyboard.press('Tab');
    await expect.poll(() => page.locator('#command').inputValue()).toBe('!poolval ');
    await page.keyboard.type('fffffa8001a1b000');
    await page.keyboard.press('Enter');
    await page.locator('.console-log .row', { hasText: 'Region by' }).waitFor();
    await page.keyboard.press('ArrowUp');
    expect(await page.locator('#command').inputValue()).toBe('!poolval fffffa8001a1b000');
    await page.keyboard.press('Control+f');
    await page.keyboard.type('corrupt region');
    await page.locator('.console-log .found').first().waitFor();
    // Every view has a heading, and says which one it is.
    for (const view of [
      'verdict',
      'tags',
      'crash',
      'stack',
      'registers',
      'memory',
      'code',
      'modules',
      'verifier',
    ]) {
      await driver.show(view);
      await page.locator('main h1').waitFor();
      expect(await page.locator('nav [aria-current=page]').getAttribute('href')).toBe(`#/${view}`);
    }
  });

  it('plays the lab, and opens its dump', async () => {
    const { page } = driver;
    await driver.show('lab');
    await page.getByRole('button', { name: /double-free-late/ }).click();
    await page.getByRole('button', { name: 'Play until it crashes' }).click();
    await page.getByRole('button', { name: 'What really happened' }).click();
    const culprit = machineOf('double-free-late').truth.scenario!.culprit!;
    await page.locator('.played td', { hasText: culprit }).waitFor();
    expect(await page.locator('.calls li').count()).toBeGreaterThan(0);
    await page.getByRole('button', { name: 'Open the dump' }).click();
    await page.locator('nav').waitFor();
    expect(await driver.report()).toEqual(reportOf(dumpFileNamed('double-free-late.dmp')));
  });

  it('plays a sample, and stops when it is asked to', async () => {
    const { page } = driver;
    const sample = page.getByRole('button', { name: /A block freed twice/ });
    await sample.click();
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await page.getByText('A simulated machine runs a faulty driver').waitFor();
    await sample.click();
    await page.locator('h1', { hasText: 'freed while it was free' }).waitFor();
    expect(driver.errors).toEqual([]);
  });

  it('goes where a link says', async () => {
    const { page } = driver;
    await driver.open(dumpFile('article-1'));
    await driver.show('memory/fffffa8001a1b7f8');
    await page.locator('.hex-row .here').first().waitFor();
    expect(await page.locator('.hex-row', { has: page.locator('.here') }).textContent()).toContain(
      'fffffa8001a1b7f0',
    );
    await page.locator('.hex-row .hit').first().waitFor();
    // The link holds nothing of the dump but the address.
    expect(new URL(page.url()).hash).toBe('#/memory/fffffa8001a1b7f8');
  });

  it('lets nothing out', async () => {
    const trap = new Trap();
    const elsewhere = await trap.listen();
    try {
      await driver.open(dumpFile('article-1'));
      for (const view of ['pool', 'tags', 'memory', 'code', 'verifier', 'lab']) await driver.show(view);
      await driver.page.getByRole('button', { name: 'Play until it crashes' }).waitFor();
      const ask = (url: string) => fetch(url).then(String, () => 'refused');
      const workers = driver.page.workers();
      expect(workers.length).toBeGreaterThan(0);
      expect(await driver.page.evaluate(ask, elsewhere)).toBe('refused');
      for (const worker of workers) expect(await worker.evaluate(ask, elsewhere)).toBe('refused');
      expect(trap.visits).toEqual([]);
      const strangers = driver.requests.filter(
        (url) => !/^(blob:|data:)/.test(url) && !url.startsWith(address),
      );
      expect(strangers.filter((url) => url !== elsewhere)).toEqual([]);
    } finally {
      trap.close();
    }
  });
});

/** A complete dump whose machine has one more run of memory, of zeros that take no room on the disk. */
function writeLargeDump(path: string, dump: Uint8Array, more: number): void {
  const view = new DataView(dump.buffer, dump.byteOffset);
  const [descriptor, runs] = [0x88, 0x98];
  const count = view.getUint32(descriptor, true);
  const pages = more / 0x1000;
  view.setUint32(descriptor, count + 1, true);
  view.setBigUint64(descriptor + 8, view.getBigUint64(descriptor + 8, true) + BigInt(pages), true);
  view.setBigUint64(runs + count * 16, 0x100000n, true);
  view.setBigUint64(runs + count * 16 + 8, BigInt(pages), true);
  const file = openSync(path, 'w');
  writeSync(file, dump);
  ftruncateSync(file, dump.length + more);
  closeSync(file);
}
