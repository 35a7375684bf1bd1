/// <reference types="vite/types/importMeta.d.ts" />
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pdbFiles } from '@poolscope/lab';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listSite } from '../../packages/cli/src/web/site-files.ts';
import { SiteServer } from '../../packages/cli/src/web/site-server.ts';
import { articleModules } from '../transcripts/article-symbols.ts';
import { type Area, type DumpName, dumpNamed, machineOf } from '../transcripts/dumps.ts';
import { isfFilesFor } from '../transcripts/symbol-source.ts';
import { findChromium, howToInstall, startBrowser } from './browser.ts';
import { runInWorker, type WorkerFile } from './engine-worker.ts';
import { hostDifferences } from './host-differences.ts';
import { isBuilt, siteFolder } from './site.ts';

/** Every transcript of the terminal, in the worker of the built page in a real browser. */

const chromiumPath = findChromium();
const why = chromiumPath === undefined ? howToInstall : isBuilt ? '' : 'the page is not built: npm run build';
if (why !== '') process.stderr.write(`transcripts in the browser are skipped: ${why}\n`);

const modules = import.meta.glob<{ area: Area }>('../transcripts/areas/*.ts', { eager: true });

/** Transcripts of one dump, with symbols or without: they share a worker, which opens the dump for each. */
interface Group {
  readonly dump: DumpName;
  readonly hasSymbols: boolean;
  readonly areas: Area[];
}

const groups = new Map<string, Group>();
for (const { area } of Object.values(modules))
  for (const dump of Object.keys(area.runs) as DumpName[]) {
    const hasSymbols = area.symbols === true;
    const name = hasSymbols ? `${dump} with symbols` : dump;
    const group = groups.get(name) ?? { dump, hasSymbols, areas: [] };
    group.areas.push(area);
    groups.set(name, group);
  }

const golden = (area: Area, dump: DumpName): string =>
  readFileSync(new URL(`../transcripts/golden/${area.name}-${dump}.txt`, import.meta.url), 'utf8');

/** What a golden file has for each command, in its order. */
function answersIn(text: string, commands: readonly string[]): string[] {
  const heads = commands.map((command) => `kd> ${command}\n`);
  const starts: number[] = [];
  let at = 0;
  for (const head of heads) {
    const start = at === 0 && text.startsWith(head) ? 0 : text.indexOf(`\n${head}`, at - 1) + 1;
    if (start < at) throw new Error(`the golden file has no answer to ${head}`);
    starts.push(start);
    at = start + head.length;
  }
  return starts.map((start, index) => text.slice(start + heads[index]!.length, starts[index + 1]).trimEnd());
}

describe.skipIf(why !== '')('transcripts in the worker of the page', { timeout: 180_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'poolscope-worker-'));
  const differed = new Set<string>();
  let server: SiteServer;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    server = new SiteServer(listSite(siteFolder));
    browser = await startBrowser(chromiumPath!);
    page = await browser.newPage();
    await page.goto(await server.listen(0));
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function fileOf(name: string, bytes: Uint8Array, under: string): WorkerFile {
    const path = join(folder, under, name);
    mkdirSync(join(folder, under), { recursive: true });
    writeFileSync(path, bytes);
    return { path, name };
  }

  function symbolFiles(dump: DumpName): WorkerFile[] {
    const own = articleModules[dump];
    if (own === undefined) return isfFilesFor(dump).map(({ name, bytes }) => fileOf(name, bytes, dump));
    const machine = machineOf(dump);
    const wanted = new Set(
      machine.truth.modules.filter(({ module }) => own.includes(module)).map(({ pdb }) => pdb.name),
    );
    const files = pdbFiles(machine).filter(({ name }) => wanted.has(name));
    return files.map(({ name, bytes }) => fileOf(name, bytes, dump));
  }

  /** The host's share in a difference of one answer is taken out: all others stay to be compared. */
  function withoutHost(area: Area, command: string, shown: string, wanted: string): string {
    if (shown === wanted) return shown;
    const known = hostDifferences.find(
      (each) =>
        (each.area ?? area.name) === area.name &&
        each.command.test(command) &&
        each.shows?.(shown, wanted) !== false,
    );
    if (known === undefined) return shown;
    differed.add(known.name);
    return wanted;
  }

  it.each([...groups])('%s', async (_, { dump, hasSymbols, areas }) => {
    const file = fileOf(`${dump}.dmp`, dumpNamed(dump), '');
    const symbols = hasSymbols ? symbolFiles(dump) : [];
    const consoles = areas.map(({ runs }) => runs[dump]!);
    const answers = await runInWorker(page, { dump: file, symbols, consoles });
    for (const [index, area] of areas.entries()) {
      const commands = consoles[index]!;
      const wanted = answersIn(golden(area, dump), commands);
      const shown = answers[index]!.map((text, at) =>
        withoutHost(area, commands[at]!, text.trimEnd(), wanted[at]!),
      );
      const pairs = (texts: readonly string[]) => texts.map((text, at) => `kd> ${commands[at]}\n${text}`);
      expect(pairs(shown), area.name).toEqual(pairs(wanted));
    }
  });

  it('differs from the terminal in every way that is listed', () => {
    expect([...differed].toSorted()).toEqual(hostDifferences.map(({ name }) => name).toSorted());
  });
});
