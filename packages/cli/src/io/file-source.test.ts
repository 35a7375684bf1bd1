import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FileSource } from './file-source.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'poolscope-test-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const isWindows = process.platform === 'win32';
const isRoot = process.getuid?.() === 0;

function makeFile(name: string, content: Uint8Array | string): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

const failing = (code: string, words = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(words) });

function withFile<Result>(path: string, use: (file: FileSource) => Result): Result {
  const file = new FileSource(path);
  try {
    return use(file);
  } finally {
    file.close();
  }
}

describe('FileSource', () => {
  it('reads what is asked for, short only at the end', () => {
    const path = makeFile(
      'ten',
      Uint8Array.from({ length: 10 }, (_, i) => i),
    );
    withFile(path, (file) => {
      expect(file.size).toBe(10);
      const target = new Uint8Array(4);
      expect(file.readInto(3, target)).toBe(4);
      expect(target).toEqual(Uint8Array.of(3, 4, 5, 6));
      expect(file.readInto(8, target)).toBe(2);
      expect(target).toEqual(Uint8Array.of(8, 9, 5, 6));
      expect(file.readInto(10, target)).toBe(0);
      expect(file.readInto(2 ** 45, target)).toBe(0);
      expect(file.readInto(-1, target)).toBe(0);
      expect(file.readInto(0, new Uint8Array(0))).toBe(0);
    });
  });

  it('reads into a part of an array without touching the rest', () => {
    const path = makeFile('part', 'abcdef');
    const array = new Uint8Array(6).fill(0x2e);
    withFile(path, (file) => file.readInto(1, array.subarray(2, 4)));
    expect(Buffer.from(array).toString()).toBe('..bc..');
  });

  it('reads beyond 4 GB', () => {
    const path = makeFile('large', '');
    truncateSync(path, 5 * 2 ** 30);
    writeFileSync(path, 'end', { flag: 'a' });
    withFile(path, (file) => {
      const target = new Uint8Array(8);
      expect(file.size).toBe(5 * 2 ** 30 + 3);
      expect(file.readInto(5 * 2 ** 30 - 1, target)).toBe(4);
      expect(Buffer.from(target).toString('latin1', 0, 4)).toBe('\0end');
    });
  });

  it('gives what is there when the file became shorter', () => {
    const path = makeFile('shrinking', 'abcdef');
    withFile(path, (file) => {
      truncateSync(path, 2);
      expect(file.readInto(0, new Uint8Array(6))).toBe(2);
    });
  });

  it('names the reason in plain words', () => {
    const open = (path: string) => () => new FileSource(path);
    expect(open(join(directory, 'absent.dmp'))).toThrow(
      failing('FILE_UNREADABLE', 'absent.dmp cannot be read: there is no such file'),
    );
    expect(open(join(makeFile('plain', 'x'), 'below'))).toThrow(
      failing('FILE_UNREADABLE', 'cannot be read: '),
    );
    expect(open(join(directory, 'x'.repeat(5000)))).toThrow(failing('FILE_UNREADABLE', 'cannot be read: '));
    expect(open('a\0b')).toThrow(failing('FILE_UNREADABLE', 'the path is not valid'));
    expect(open(directory)).toThrow(failing('FILE_IS_DIRECTORY', directory));
    expect(open(makeFile('empty', ''))).toThrow(failing('FILE_EMPTY', 'is empty'));
  });

  it.skipIf(isWindows || isRoot)('says when permission is missing', () => {
    const path = makeFile('secret', 'x');
    chmodSync(path, 0);
    expect(() => new FileSource(path)).toThrow(failing('FILE_UNREADABLE', 'permission denied'));
  });

  it.skipIf(isWindows)('does not wait at a pipe or read a device', () => {
    const pipe = join(directory, 'pipe');
    execFileSync('mkfifo', [pipe]);
    expect(() => new FileSource(pipe)).toThrow(failing('FILE_UNREADABLE', 'it is a pipe'));
    expect(() => new FileSource('/dev/null')).toThrow(failing('FILE_UNREADABLE', 'it is a device'));
    expect(() => new FileSource('/dev/zero')).toThrow(failing('FILE_UNREADABLE', 'it is a device'));
  });

  it.skipIf(isWindows)('follows symbolic links', () => {
    mkdirSync(join(directory, 'links'));
    const [good, loop] = ['good', 'loop'].map((name) => join(directory, 'links', name)) as [string, string];
    symlinkSync(makeFile('aim', 'x'), good);
    symlinkSync(loop, loop);
    expect(withFile(good, (file) => file.size)).toBe(1);
    expect(() => new FileSource(loop)).toThrow(failing('FILE_UNREADABLE', 'symbolic links'));
  });

  it('can be closed twice, and not read after', () => {
    const file = new FileSource(makeFile('closed', 'x'));
    file.close();
    file.close();
    expect(() => file.readInto(0, new Uint8Array(1))).toThrow(failing('FILE_UNREADABLE', 'closed'));
  });
});
