import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ProgressLine } from '../progress-line.ts';
import { LogFile } from './log-file.ts';
import { Screen } from './screen.ts';

const folder = mkdtempSync(join(tmpdir(), 'poolscope-screen-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function newScreen(log: Pick<LogFile, 'write'>) {
  const shown = { text: '' };
  const output = {
    isTTY: true,
    write: (text: string) => {
      shown.text += text;
      return true;
    },
    once: () => undefined,
  };
  const lost: string[] = [];
  const progress = new ProgressLine(output);
  const screen = new Screen({ output, log, progress, color: false, onLogLost: () => lost.push('lost') });
  return { screen, shown, lost };
}

describe('the screen', () => {
  it('writes what it shows into the log too, and what the terminal echoes by itself', () => {
    const log = new LogFile(join(folder, 'none.dmp'));
    const { screen, shown } = newScreen(log);
    const path = join(folder, 'a.log');
    screen.say('before');
    log.open(path, { append: false });
    screen.record('kd> r\n');
    screen.show([[{ text: 'rax', style: 'symbol' }, '=1   '], ['a\x1b[2Jb']]);
    expect(shown.text).toBe('before\nrax=1\na?[2Jb\n');
    expect(readFileSync(path, 'utf8')).toBe('kd> r\nrax=1\na?[2Jb\n');
    log.close();
  });

  it('says when the log could not be written, and goes on', () => {
    const problems = [undefined, 'the disk is full'];
    const { screen, shown, lost } = newScreen({ write: () => problems.shift() });
    for (const text of ['one', 'two', 'three']) screen.say(text);
    expect(shown.text).toBe('one\ntwo\nWARNING: the disk is full\nthree\n');
    expect(lost).toEqual(['lost']);
  });
});
