import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DebuggerError } from '@poolscope/engine';
import { afterAll, describe, expect, it } from 'vitest';
import { LogFile } from './log-file.ts';
import { nodeHost } from './node-host.ts';
import { readTextFile } from './text-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'poolscope-text-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

describe('the text of a script', () => {
  it.each([
    ['UTF-8', Buffer.from('.echo grün\n')],
    ['UTF-8 with a mark', Buffer.from('\uFEFF.echo grün\n')],
    ['UTF-16', Buffer.from('\uFEFF.echo grün\n', 'utf16le')],
  ])('is read as %s', (_name, bytes) => {
    expect(readTextFile(file('script.txt', bytes))).toBe('.echo grün\n');
  });

  it('may be empty', () => {
    expect(readTextFile(file('empty.txt', ''))).toBe('');
  });

  it('is bounded', () => {
    const path = file('large.txt', 'r');
    truncateSync(path, (4 << 20) + 1);
    expect(() => readTextFile(path)).toThrow(/more than 4 MB/);
  });

  it.each([
    ['a folder', () => folder, /it is a directory/],
    ['what is not there', () => join(folder, 'none'), /there is no such file/],
    ['a path that no file has', () => 'a\0b', /the path is not valid/],
    ['bytes', () => file('bytes', Uint8Array.of(0x4d, 0x5a, 0x90, 0)), /it is not a text/],
  ])('is not %s', (_name, path, message) => {
    expect(() => readTextFile(path())).toThrow(DebuggerError);
    expect(() => readTextFile(path())).toThrow(message);
  });
});

describe('a file that a command asks for', () => {
  const host = nodeHost(new LogFile(folder));

  it('is read where it is asked, up to its end', () => {
    const image = host.openFile(file('image.sys', Uint8Array.of(1, 2, 3, 4, 5)));
    expect(image.size).toBe(5);
    expect([...image.read(1, 3)]).toEqual([2, 3, 4]);
    expect([...image.read(3, 1000)]).toEqual([4, 5]);
    expect([...image.read(5, 1)]).toEqual([]);
    expect([...image.read(1e12, 2 ** 40)]).toEqual([]);
    image.close();
    expect(() => image.read(0, 1)).toThrow(/the file is closed/);
  });

  it('has to be a file', () => {
    expect(() => host.openFile(folder)).toThrow(DebuggerError);
    expect(() => host.openFile(join(folder, 'none'))).toThrow(/there is no such file/);
  });
});
