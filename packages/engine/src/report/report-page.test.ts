import { buildMachine, dumpBytes, playScenario, scenarios } from '@poolscope/lab';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { elementsIn, type PageElement, parsePage, textOf } from '../../test/well-formed.ts';
import { BufferSource, openSession, type Report, redact, reportHtml } from '../index.ts';

const reportOf = async (bytes: Uint8Array): Promise<Report> =>
  (await openSession(new BufferSource(bytes), { path: 'C:\\dumps\\MEMORY.DMP' })).analyze().report;

const scenario = scenarios.find(({ name }) => name === 'overrun-text')!;
const overrun = await reportOf(dumpBytes(playScenario(scenario), { type: 'bitmap-kernel' }));

const reports: readonly (readonly [string, Report])[] = [
  ['an overrun', overrun],
  ['an overrun, redacted', redact(overrun)],
  ['a small dump', await reportOf(dumpBytes(buildMachine(), { type: 'triage' }))],
  ['a header', await reportOf(dumpBytes(buildMachine(), { type: 'header' }))],
  ['an x86 dump', await reportOf(dumpBytes(buildMachine({ architecture: 'x86' }), { type: 'summary' }))],
];

const named = (page: PageElement, name: string): PageElement[] =>
  elementsIn(page).filter((element) => element.name === name);

/** A report in which every text is the given one, and every list has one more of it. */
function withTexts(report: Report, text: string): Report {
  const swap = (value: unknown, key = ''): unknown => {
    if (typeof value === 'string') return keptTexts.has(key) || value.startsWith('0x') ? value : text;
    if (Array.isArray(value)) return value.map((each) => swap(each, key));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, swap(each, name)]));
  };
  return swap(report) as Report;
}

/** What the program itself chooses from a list, or writes as digits. */
const keptTexts = new Set([
  'schema',
  'format',
  'machine',
  'kind',
  'pool',
  'allocator',
  'state',
  'trust',
  'what',
  'hex',
  'symbols',
  'access',
  'addressFrom',
]);

describe.each(reports)('the page of %s', (_name, report) => {
  const text = reportHtml(report);
  const page = parsePage(text);

  it('is a well-formed document with one title and headings in order', () => {
    expect(text.startsWith('<!doctype html>\n<html lang="en">')).toBe(true);
    expect(named(page, 'h1').map(textOf)).toEqual([report.verdict.summary]);
    const levels = elementsIn(page)
      .filter(({ name }) => /^h[1-6]$/.test(name))
      .map(({ name }) => Number(name[1]));
    for (const [index, level] of levels.entries())
      expect(level).toBeLessThanOrEqual((levels[index - 1] ?? 0) + 1);
  });

  it('needs no script and nothing from outside', () => {
    expect(text).not.toMatch(/<script|javascript:|https?:|\/\/|@import|<link|<img|<iframe|\bon\w+=/i);
    for (const [, target] of text.matchAll(/url\(([^)]*)\)/g)) expect(target).toMatch(/^#/);
    for (const element of elementsIn(page))
      for (const name of element.attributes.keys())
        expect(['src', 'href', 'srcset', 'action']).not.toContain(name);
  });

  it('has heads in its tables and a text for its drawing', () => {
    for (const table of named(page, 'table'))
      expect(elementsIn(table).some(({ name, attributes }) => name === 'th' && attributes.has('scope'))).toBe(
        true,
      );
    for (const drawing of named(page, 'svg')) {
      expect(drawing.attributes.get('role')).toBe('img');
      const ids = drawing.attributes.get('aria-labelledby')!.split(' ');
      for (const id of ids)
        expect(elementsIn(drawing).find(({ attributes }) => attributes.get('id') === id)).toBeDefined();
    }
  });

  it('has every step of the proof with its command, every suspect and every module', () => {
    const said = textOf(page);
    const { evidence, suspects, next } = report.verdict;
    for (const { claim, command } of evidence) expect(said).toContain(`${claim} ${command}`);
    for (const { module, because } of suspects)
      for (const part of [module, ...because]) expect(said).toContain(part);
    for (const part of [...next, ...report.bugcheck.meanings, ...report.modules.map(({ image }) => image)])
      expect(said).toContain(part);
    expect(said).toContain(report.signature);
  });
});

describe('a page', () => {
  const hostile = `</title></style><script>alert(1)</script><a href="https://x" onclick='y'>&amp;\u202e\u0000\u001b[31m\ud800`;

  it('escapes every text of a report', () => {
    const text = reportHtml(withTexts(overrun, hostile), hostile);
    const page = parsePage(text);
    const known = new Set(elementsIn(parsePage(reportHtml(overrun))).map(({ name }) => name));
    expect(elementsIn(page).filter(({ name }) => !known.has(name))).toEqual([]);
    expect(text).not.toMatch(/<script|<a\b|\p{Cs}|\u202e/u);
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
    expect(textOf(named(page, 'h1')[0]!)).toBe(
      `</title></style><script>alert(1)</script><a href="https://x" onclick='y'>&amp;\ufffd\ufffd\ufffd[31m\ufffd`,
    );
  });

  it('is well-formed whatever the texts are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        const plain = elementsIn(parsePage(reportHtml(withTexts(overrun, 'x')))).length;
        expect(elementsIn(parsePage(reportHtml(withTexts(overrun, text)))).length).toBe(plain);
      }),
      { numRuns: 40 },
    );
  });

  it('says nothing of the file where the report is redacted', () => {
    const text = reportHtml(redact(overrun));
    expect(text).not.toContain('MEMORY.DMP');
    expect(text).not.toContain('recordsvc');
    expect(text).not.toContain('OVERFLOW');
    expect(text).toContain('were left out');
  });

  it('draws the blocks to scale and marks the damaged bytes', () => {
    const [drawing] = named(parsePage(reportHtml(overrun)), 'svg');
    const rects = named(drawing!, 'rect');
    const { parts } = overrun.verdict.picture!;
    const drawn = rects.filter((rect) => named(rect, 'title').length > 0);
    expect(drawn.length).toBe(parts.length);
    const total = parts.reduce((sum, { length }) => sum + length, 0);
    for (const { what, length, start } of parts) {
      const rect = drawn.find((each) => textOf(each).startsWith(`${start.slice(2)}:`))!;
      if (what !== 'damage')
        expect(Number(rect.attributes.get('width'))).toBeCloseTo((length / total) * 544 - 1, 0);
    }
    // In front of all others.
    expect(drawn.at(-1)!.attributes.get('class')).toBe('damage');
    const hits = rects.filter(({ attributes }) => attributes.get('class') === 'hit-ground');
    // The bytes, and the ground of the pattern.
    expect(hits.length).toBe(overrun.verdict.damage!.length! + 1);
  });
});
