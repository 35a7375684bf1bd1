import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DebuggerError } from '@poolscope/engine';
import { afterAll, describe, expect, it } from 'vitest';
import { LogFile } from './log-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'poolscope-log-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string) => join(folder, name);
const text = (name: string) => readFileSync(at(name), 'utf8');
writeFileSync(at('dump.zip'), 'PK an archive with the dump');
const newLog = () => new LogFile(at('dump.zip'));

describe('a log file', () => {
  it('gets what is written between opening and closing', () => {
    const log = newLog();
    expect(log.write('before\n')).toBeUndefined();
    log.open(at('a.log'), { append: false });
    log.write('one\n');
    log.write('zwölf\n');
    expect(text('a.log')).toBe('one\nzwölf\n');
    expect(log.close()).toBe(at('a.log'));
    log.write('after\n');
    expect(log.close()).toBeUndefined();
    expect(text('a.log')).toBe('one\nzwölf\n');
  });

  it('replaces what was there, or goes on behind it', () => {
    writeFileSync(at('b.log'), 'a long text that was there before\n');
    const log = newLog();
    log.open(at('b.log'), { append: false });
    log.write('new\n');
    log.open(at('b.log'), { append: true });
    log.write('more\n');
    log.close();
    expect(text('b.log')).toBe('new\nmore\n');
  });

  it('opens one in place of the other', () => {
    const log = newLog();
    log.open(at('c.log'), { append: false });
    log.open(at('d.log'), { append: false });
    log.write('x');
    expect(log.close()).toBe(at('d.log'));
    expect([text('c.log'), text('d.log')]).toEqual(['', 'x']);
  });

  it('stays with the open one when another cannot be opened', () => {
    mkdirSync(at('folder'), { recursive: true });
    const log = newLog();
    log.open(at('e.log'), { append: false });
    expect(() => log.open(at('folder'), { append: false })).toThrow(/cannot be written: it is a directory/);
    expect(() => log.open(at('none/e.log'), { append: true })).toThrow(/there is no such file/);
    expect(log.close()).toBe(at('e.log'));
  });

  it.each([
    ['the open file', 'dump.zip'],
    ['a dump', 'other.dmp'],
  ])('never damages %s', (_what, name) => {
    writeFileSync(at('other.dmp'), 'PAGEDU64 and so on');
    const before = text(name);
    for (const append of [false, true]) {
      expect(() => newLog().open(at(name), { append })).toThrow(DebuggerError);
      expect(() => newLog().open(at(name), { append })).toThrow(/a log would damage/);
    }
    expect(text(name)).toBe(before);
  });

  it.skipIf(process.platform !== 'linux')('is a file, no device', () => {
    expect(() => newLog().open('/dev/full', { append: false })).toThrow(/it is not a file/);
  });
});
