import { buildMachine, dumpBytes, playScenario, scenarios } from '@poolscope/lab';
import { describe, expect, it } from 'vitest';
import { BufferSource, openSession, type Report } from '../index.ts';
import { analyzePage } from './analyze-page.ts';
import { lineText } from './output.ts';

const reportOf = async (bytes: Uint8Array): Promise<Report> =>
  (await openSession(new BufferSource(bytes), { path: '/dumps/MEMORY.DMP' })).analyze().report;

const scenario = scenarios.find(({ name }) => name === 'overrun-text')!;
const overrun = await reportOf(dumpBytes(playScenario(scenario), { type: 'bitmap-kernel' }));
const unknown = await reportOf(dumpBytes(buildMachine(), { type: 'triage' }));

const textOf = (report: Report, columns?: number): string[] =>
  analyzePage(report, columns === undefined ? {} : { columns }).map((line) => lineText(line).trimEnd());

const titles = [
  'Why we say so',
  'Suspects',
  'What would settle it',
  'Missing',
  'What happened',
  'Where it failed',
  'Stack',
  'Damage met on the way',
];
const sections = (report: Report): string[] => textOf(report).filter((line) => titles.includes(line));

describe('the page of a report', () => {
  it('shows the proof before the crash where pool is the verdict', () => {
    expect(sections(overrun)).toEqual(titles.slice(0, 7));
  });

  it('shows the crash first where it is not', () => {
    expect(sections(unknown)).toEqual([
      'What happened',
      'Where it failed',
      'Stack',
      'Why we say so',
      'What would settle it',
      'Missing',
    ]);
  });

  it.each([60, 76, 90, 100, 300])('is at most %i columns wide, apart from commands', (columns) => {
    const tooLong = [overrun, unknown].flatMap((report) => {
      const commands = new Set(report.verdict.evidence.map(({ command }) => command));
      return textOf(report, columns).filter(
        (line) => line.length > Math.min(columns, 100) && !commands.has(line.trim()),
      );
    });
    expect(tooLong).toEqual([]);
  });

  it('has every word on a narrow screen too', () => {
    const words = (columns: number) => {
      const text = textOf({ ...overrun, verdict: { ...overrun.verdict, picture: null } }, columns);
      return text
        .join(' ')
        .split(/[\s·]+/)
        .sort();
    };
    expect(words(40)).toEqual(words(100));
  });

  it('draws bars that grow with the score', () => {
    const suspects = [0.05, 0.5, 1].map((score) => ({
      module: `a${score}.sys`,
      score,
      because: ['because'],
    }));
    const lines = textOf({ ...overrun, verdict: { ...overrun.verdict, suspects } });
    const bars = suspects.map(
      ({ module }) =>
        lines
          .find((line) => line.includes(module))!
          .match(/█*/g)!
          .join('').length,
    );
    expect(bars).toEqual([1, 10, 20]);
  });

  it('breaks the reasons of a suspect within the page', () => {
    const because = [
      'a reason so long that it needs more than one line of the page, and one line more after that',
      'another',
    ];
    const suspects = [
      { module: `${'very-'.repeat(12)}long.sys`, score: 0.5, because },
      { module: 'short.sys', score: 0.4, because },
    ];
    const lines = textOf({ ...overrun, verdict: { ...overrun.verdict, suspects } });
    const from = lines.indexOf('Suspects');
    const part = lines.slice(from, lines.indexOf('', from));
    expect(part.filter((line) => line.length > 100)).toEqual([]);
    expect(part.join(' ').replaceAll(/\s+/g, ' ').split('one line more after that').length).toBe(3);
  });

  it('counts one of a thing as one', () => {
    const one = { ...unknown, dump: { ...unknown.dump, processors: 1, uptimeSeconds: 86_400 } };
    const text = textOf({ ...one, stack: Array.from({ length: 17 }, () => unknown.stack[0]!) }).join('\n');
    for (const part of ['1 processor ', '1 day 00:00:00', '1 more frame:']) expect(text).toContain(part);
  });

  it('tells how much of long damage is shown', () => {
    const damage = { ...overrun.verdict.damage!, length: 4000 };
    const text = textOf({ ...overrun, verdict: { ...overrun.verdict, damage } }).join('\n');
    expect(text).toContain('the first 48 of 4000 damaged bytes');
  });
});
