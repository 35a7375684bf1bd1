import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DebuggerError } from '@poolscope/engine';
import { buildMachine, dumpBytes } from '@poolscope/lab';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { reportProblem, runReport } from './report.ts';

const folder = mkdtempSync(join(tmpdir(), 'poolscope-report-'));
const at = (name: string) => join(folder, name);
const dump = at('secret-name.dmp');
const none = { symbols: [] };

beforeAll(() => {
  writeFileSync(dump, dumpBytes(buildMachine(), { type: 'triage' }));
  linkSync(dump, at('linked.dmp'));
  symlinkSync(dump, at('pointing.dmp'));
  mkdirSync(at('folder'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const written: string[] = [];
vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
afterEach(() => {
  written.length = 0;
});

describe('poolscope report', () => {
  it('writes a page and the JSON, and says what it wrote', async () => {
    const [html, json] = [at('out.html'), at('out.json')];
    await runReport(dump, { ...none, html, json });
    const report = JSON.parse(readFileSync(json, 'utf8')) as { verdict: { summary: string } };
    expect(report).toMatchObject({ schema: 'poolscope.analysis/1', dump: { path: dump, format: 'triage' } });
    expect(readFileSync(html, 'utf8')).toContain(`<h1>${report.verdict.summary}</h1>`);
    expect(written.join('')).toBe(`${report.verdict.summary}\n  ${html}\n  ${json}\n`);
  });

  it('replaces an older report, through a link too, and leaves nothing else behind', async () => {
    writeFileSync(at('real.html'), 'old');
    symlinkSync(at('real.html'), at('link.html'));
    const before = readdirSync(folder).sort();
    await runReport(dump, { ...none, html: at('link.html') });
    expect(readFileSync(at('real.html'), 'utf8')).toMatch(/^<!doctype html>/);
    expect(readdirSync(folder).sort()).toEqual(before);
  });

  it('leaves out what identifies a person or machine', async () => {
    await runReport(dump, { ...none, html: at('safe.html'), json: at('safe.json'), redact: true });
    for (const name of ['safe.html', 'safe.json'])
      expect(readFileSync(at(name), 'utf8')).not.toMatch(/secret-name|recordsvc/);
  });

  it('writes nothing where the dump cannot be read', async () => {
    writeFileSync(at('text.dmp'), 'this is not a dump');
    await expect(runReport(at('text.dmp'), { ...none, html: at('never.html') })).rejects.toThrow(
      DebuggerError,
    );
    expect(existsSync(at('never.html'))).toBe(false);
  });

  it('says why it cannot write', async () => {
    await expect(runReport(dump, { ...none, html: at('folder') })).rejects.toThrow(
      /folder cannot be written: it is a directory/,
    );
    await expect(runReport(dump, { ...none, html: at('nowhere/x.html') })).rejects.toThrow(
      /x\.html cannot be written/,
    );
  });
});

describe('the options of poolscope report', () => {
  it.each(['secret-name.dmp', 'linked.dmp', 'pointing.dmp', 'folder/../secret-name.dmp'])(
    'do not name the dump, as %s does',
    (name) => {
      expect(reportProblem(dump, { ...none, html: `${folder}/${name}` })).toMatch(/is the dump itself/);
      expect(reportProblem(dump, { ...none, json: `${folder}/${name}` })).toMatch(/is the dump itself/);
    },
  );

  it('name at least one file, and no file twice', () => {
    expect(reportProblem(dump, none)).toMatch(/--html OUT or --json OUT/);
    expect(reportProblem(dump, { ...none, html: '' })).toMatch(/has no name/);
    expect(reportProblem(dump, { ...none, html: at('a'), json: at('folder/../a') })).toMatch(/the same file/);
    expect(reportProblem(dump, { ...none, html: at('a'), json: at('b') })).toBeUndefined();
  });
});
