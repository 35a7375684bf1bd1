import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readPoolTags } from './pool-tags.ts';

it('reads a pooltag.txt byte by byte, and says why it cannot', () => {
  const folder = mkdtempSync(join(tmpdir(), 'poolscope-tags-'));
  try {
    const path = join(folder, 'pooltag.txt');
    writeFileSync(path, Uint8Array.of(0x41, 0xe9, 0x42));
    expect(readPoolTags(path)).toBe('A\u00e9B');
    const missing = () => readPoolTags(join(folder, 'nosuch.txt'));
    expect(missing).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it.skipIf(process.platform === 'win32')('does not wait for a pipe that nobody writes to', () => {
  const folder = mkdtempSync(join(tmpdir(), 'poolscope-tags-'));
  try {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    expect(() => readPoolTags(path)).toThrow(/it is not a file/);
    expect(() => readPoolTags(folder)).toThrow(/it is a directory/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
