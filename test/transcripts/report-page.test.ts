import { analyzePage, BufferSource, lineText, openSession, reportHtml } from '@poolscope/engine';
import { buildMachine, type DumpKind, dumpBytes, type MachineOptions } from '@poolscope/lab';
import { describe, expect, it } from 'vitest';

/** What a reader without pictures and tables gets: a line for each row, paragraph and heading. */
const htmlText = (page: string): string =>
  page
    .replace(/<style>.*?<\/style>/su, '')
    .replaceAll(/<\/(?:h\d|p|li|tr|g|title|desc|summary|figcaption)>/gu, '\n')
    .replaceAll(/<\/(?:td|th|b|text)>/gu, ' ')
    .replaceAll(/<[^>]*>/gu, '')
    .replaceAll(/[ \t]+/gu, ' ')
    .replaceAll(/\s*\n\s*/gu, '\n')
    .trim();

const dumps: readonly (readonly [string, MachineOptions, DumpKind])[] = [
  ['page-service-exception', {}, 'bitmap-kernel'],
  ['page-page-fault', { crash: 'page-fault' }, 'full'],
  ['page-pool-free', { crash: 'pool-free' }, 'bitmap-kernel'],
  ['page-small', { crash: 'system-thread' }, 'triage'],
  ['page-header', {}, 'header'],
  ['page-x86', { architecture: 'x86' }, 'summary'],
];

describe('the page of a report', () => {
  it.each(dumps)('%s', async (name, options, type) => {
    const session = await openSession(new BufferSource(dumpBytes(buildMachine(options), { type })), { path: `${name}.dmp` });
    const { report } = session.analyze();
    const page = analyzePage(report).map((line) => lineText(line).trimEnd()).join('\n');
    await expect(`${page}\n`).toMatchFileSnapshot(`pages/${name}.txt`);
    await expect(`${htmlText(reportHtml(report))}\n`).toMatchFileSnapshot(`pages/${name}.html.txt`);
    await expect(`${JSON.stringify(report, null, 2)}\n`).toMatchFileSnapshot(`pages/${name}.json`);
  });
});
