import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildMachine, dumpBytes } from '@poolscope/lab';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runPoolscope } from './run-poolscope.ts';

const folder = mkdtempSync(join(tmpdir(), 'poolscope-test-'));
const at = (name: string) => join(folder, name);

beforeAll(() => {
  writeFileSync(at('small.dmp'), dumpBytes(buildMachine(), { type: 'triage' }));
  writeFileSync(at('text.dmp'), 'this is not a dump');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('poolscope report', () => {
  it('writes the page that it says', () => {
    const { code, stdout, stderr } = runPoolscope(['report', at('small.dmp'), '--html', at('out.html')]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(at('out.html'));
    expect(readFileSync(at('out.html'), 'utf8')).toMatch(/^<!doctype html>[^]*<\/html>\n$/);
  });

  it('writes what analyze --json prints', () => {
    const { code } = runPoolscope(['report', at('small.dmp'), '--json', at('out.json')]);
    expect(code).toBe(0);
    const printed = runPoolscope(['analyze', '--json', at('small.dmp')]).stdout;
    expect(readFileSync(at('out.json'), 'utf8')).toBe(printed);
  });

  it('keeps the dump', () => {
    const before = readFileSync(at('small.dmp'));
    const { code, stderr } = runPoolscope(['report', at('small.dmp'), '--html', at('small.dmp')]);
    expect(code).toBe(2);
    expect(stderr).toContain('is the dump itself');
    expect(readFileSync(at('small.dmp')).equals(before)).toBe(true);
  });

  it.each([
    ['without a file to write', ['small.dmp'], 2, '--html OUT or --json OUT'],
    ['for a file that is no dump', ['text.dmp', '--html', 'never.html'], 1, 'not a Windows kernel dump'],
    ['for a file that cannot be written', ['small.dmp', '--html', 'none/x.html'], 1, 'cannot be written'],
  ])('says what is wrong %s', (_name, args, expected, message) => {
    const { code, stdout, stderr } = runPoolscope(['report', ...args], { cwd: folder });
    expect([code, stdout]).toEqual([expected, '']);
    expect(stderr).toContain(message);
  });
});
