import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { History, historyPath } from './history.ts';

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'poolscope-history-'));
  path = join(folder, 'state', 'poolscope', 'history');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const isPosix = process.platform !== 'win32';

describe('the history of the prompt', () => {
  it('is kept from console to console, the newest line first', () => {
    const first = new History(path);
    first.add('r');
    first.add('k 5');
    expect(new History(path).newestFirst).toEqual(['k 5', 'r']);
  });

  it('keeps neither blank lines nor one twice in a row', () => {
    const history = new History(path);
    for (const line of ['r', 'r', '', '  ', 'k', 'r']) history.add(line);
    expect(history.newestFirst).toEqual(['r', 'k', 'r']);
    expect(readFileSync(path, 'utf8')).toBe('r\nk\nr\n');
  });

  it('gets the lines of two consoles at the same time', () => {
    const [one, other] = [new History(path), new History(path)];
    one.add('r');
    other.add('k');
    one.add('lm');
    expect(new History(path).newestFirst).toEqual(['lm', 'k', 'r']);
  });

  it('is bounded: an overlong file is cut to its last lines', () => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, Array.from({ length: 2500 }, (_, index) => `line ${index}\n`).join(''));
    const { newestFirst } = new History(path);
    expect(newestFirst.length).toBe(1000);
    expect(newestFirst[0]).toBe('line 2499');
    expect(readFileSync(path, 'utf8').split('\n').length).toBe(1001);
    expect(new History(path).newestFirst).toEqual(newestFirst);
  });

  it('reads the end of a huge file only', () => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${'x'.repeat(5 << 20)}\nr\nk\n`);
    expect(new History(path).newestFirst).toEqual(['k', 'r']);
    expect(statSync(path).size).toBe(4);
  });

  it('shows no control characters of a file that something else wrote', () => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'a\x1b[2Jb\r\n');
    expect(new History(path).newestFirst).toEqual(['a[2Jb']);
  });

  it.skipIf(!isPosix)('can be read by its user only, also where it was open before', () => {
    new History(path).add('r');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
    chmodSync(path, 0o644);
    new History(path).add('k');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('is done without where it cannot be kept', () => {
    writeFileSync(join(folder, 'state'), 'a file where a folder should be');
    const history = new History(path);
    history.add('r');
    expect(history.newestFirst).toEqual(['r']);
    const none = new History(undefined);
    none.add('r');
    expect(none.newestFirst).toEqual(['r']);
    expect(existsSync(path)).toBe(false);
  });

  it('is no folder', () => {
    mkdirSync(path, { recursive: true });
    const history = new History(path);
    history.add('r');
    expect(history.newestFirst).toEqual(['r']);
  });
});

describe('the place of the history', () => {
  it.skipIf(!isPosix)('follows the system', () => {
    expect(historyPath({ XDG_STATE_HOME: '/state' }, 'linux')).toBe('/state/poolscope/history');
    expect(historyPath({}, 'linux')).toMatch(/^\/.*\/\.local\/state\/poolscope\/history$/);
    expect(historyPath({ XDG_STATE_HOME: 'relative' }, 'linux')).toBe(historyPath({}, 'linux'));
    expect(historyPath({ LOCALAPPDATA: '/local' }, 'win32')).toBe('/local/poolscope/history');
    expect(historyPath({}, 'win32')).toBeUndefined();
  });
});
