import { readdirSync } from 'node:fs';
import { errorLines, lineText, type Session } from '@poolscope/engine';
import type { Browser } from 'playwright-core';
import { afterAll, describe, expect, it } from 'vitest';
import { listSite } from '../../packages/cli/src/web/site-files.ts';
import { SiteServer } from '../../packages/cli/src/web/site-server.ts';
import { hasShared, openShared, sharedBytes, sharedPath } from '../shared-files.ts';
import { findChromium, howToInstall, startBrowser } from './browser.ts';
import { analyzeInWorker } from './engine-worker.ts';
import { isBuilt, siteFolder } from './site.ts';

/** Every real dump in the worker of the built page: the report and the console are those of this machine's engine. */

const chromiumPath = findChromium();
const why = [
  chromiumPath === undefined ? howToInstall : '',
  isBuilt ? '' : 'the page is not built: npm run build',
  hasShared ? '' : 'there is no folder shared',
].find((reason) => reason !== '');
if (why !== undefined) process.stderr.write(`real dumps in the browser are skipped: ${why}\n`);

const commands = [
  'vertarget',
  '.bugcheck',
  'kv',
  'r',
  'lm',
  '!thread',
  '!pool @rsp',
  '!verifier',
  '!analyze -v',
];

function transcript(session: Session, command: string): string {
  const lines: string[] = [];
  for (const step of session.run(command)) {
    if (step.kind === 'lines') lines.push(...step.lines.map(lineText));
    else if (step.kind === 'error') lines.push(...errorLines(step.error).map(lineText));
  }
  return lines.map((line) => line.trimEnd()).join('\n');
}

describe.skipIf(why !== undefined)('real dumps in the worker of the page', { timeout: 300_000 }, () => {
  let browser: Browser | undefined;
  let server: SiteServer | undefined;

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  it('have the report and the transcripts that they have here', async () => {
    server = new SiteServer(listSite(siteFolder));
    browser = await startBrowser(chromiumPath!);
    const page = await browser.newPage();
    await page.goto(await server.listen(0));
    // One is a file of zeros.
    const names = readdirSync(sharedPath('dumps'))
      .filter((name) => name.endsWith('.dmp'))
      .filter((name) => sharedBytes(`dumps/${name}`)[0] !== 0);
    expect(names.length).toBeGreaterThan(0);
    const files = names.map((name) => ({ name, path: sharedPath(`dumps/${name}`) }));
    const answers = await analyzeInWorker(page, files, commands);
    for (const [index, name] of names.entries()) {
      const session = await openShared(name);
      const { report, texts } = answers[index]!;
      expect(JSON.parse(report), name).toEqual(JSON.parse(JSON.stringify(session.analyze().report)));
      for (const [at, command] of commands.entries())
        expect(texts[at]!.trimEnd(), `${name}: ${command}`).toBe(transcript(session, command).trimEnd());
    }
  });
});
