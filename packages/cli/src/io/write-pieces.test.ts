import {
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
import { afterAll, describe, expect, it } from 'vitest';
import { writePieces } from './write-pieces.ts';

const folder = mkdtempSync(join(tmpdir(), 'poolscope-pieces-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const pieces = [
  { offset: 0, bytes: Uint8Array.of(1, 2) },
  { offset: 5, bytes: Uint8Array.of(3) },
];

describe('a file of pieces', () => {
  it('has zeros between them, and its size is told', () => {
    const path = join(folder, 'a');
    const told: number[] = [];
    expect(writePieces(path, pieces, (bytes) => told.push(bytes))).toBe(6);
    expect([...readFileSync(path)]).toEqual([1, 2, 0, 0, 0, 3]);
    expect(told).toEqual([2, 6]);
  });

  it('keeps what was there when the pieces fail', () => {
    const path = join(folder, 'b');
    writeFileSync(path, 'old');
    function* failing() {
      yield pieces[0]!;
      throw new Error('no more');
    }
    expect(() => writePieces(path, failing())).toThrow('no more');
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder).filter((name) => name.startsWith('b'))).toEqual(['b']);
  });

  it('replaces what a link leads to', () => {
    writeFileSync(join(folder, 'target'), 'old');
    symlinkSync(join(folder, 'target'), join(folder, 'link'));
    writePieces(join(folder, 'link'), pieces);
    expect(readFileSync(join(folder, 'target')).length).toBe(6);
  });

  it('writes into a device, and leaves it one', () => {
    expect(writePieces('/dev/null', pieces)).toBe(6);
    expect(readFileSync('/dev/null').length).toBe(0);
  });

  it('tells why it cannot be written', () => {
    mkdirSync(join(folder, 'directory'));
    expect(() => writePieces(join(folder, 'directory'), pieces)).toThrow(
      /cannot be written: it is a directory/,
    );
    expect(() => writePieces(join(folder, 'none', 'x'), pieces)).toThrow(/there is no such file/);
  });
});
