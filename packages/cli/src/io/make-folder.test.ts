import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeFolder } from './make-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'poolscope-folder-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a folder that is made', () => {
  it('has those above it made too, and may be there already', () => {
    const path = join(folder, 'a', 'b', 'c');
    makeFolder(path);
    makeFolder(path);
    expect(statSync(path).isDirectory()).toBe(true);
  });

  it('below a file is an error', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(() => makeFolder(join(file, 'x'))).toThrow(/cannot be made/);
  });

  it.runIf(existsSync('/proc/self'))('in a file system where nothing can be made is one too', () => {
    expect(() => makeFolder('/proc/x/y')).toThrow(/cannot be made/);
  });
});
