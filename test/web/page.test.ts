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
import { listSite } from '../../packages/cli/src/web/site-files.ts';
import { SiteServer } from '../../packages/cli/src/web/site-server.ts';
import { runPoolscope } from '../cli/run-poolscope.ts';
import { hasShared, sharedPath } from '../shared-files.ts';
import { findChromium, howToInstall, pageMemory, startBrowser } from './browser.ts';
import { PageDriver } from './page-driver.ts';
import { isBuilt, siteFolder, Trap } from './site.ts';

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

/** What the command line says; the page knows files by their names alone. */
function reportOf(path: string): Report {
  const { stdout } = runPoolscope(['analyze', '--json', path]);
  const report = JSON.parse(stdout) as Report;
  return { ...report, dump: { ...report.dump, path: path.replace(/^.*[/\\]/, '') } };
}

function transcriptOf(path: string, commands: readonly string[]): string {
  return runPoolscope(['debug', path, ...commands.flatMap((command) => ['-c', command])]).stdout;
}

describe.skipIf(why !== '')('the page', () => {
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
