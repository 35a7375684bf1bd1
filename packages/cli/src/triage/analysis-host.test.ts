import { createHash } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DebuggerError } from '@poolscope/engine';
import { buildMachine, writeDump } from '@poolscope/lab';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analysisHost } from './analysis-host.ts';

const folder = mkdtempSync(join(tmpdir(), 'poolscope-host-'));
const place = (name: string) => join(folder, name);
const host = analysisHost({ symbols: [] });
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const nothing = () => undefined;
let dump: Uint8Array;

beforeAll(() => {
  const pieces = [...writeDump(buildMachine(), { type: 'triage' })];
  dump = new Uint8Array(Math.max(...pieces.map(({ offset, bytes }) => offset + bytes.length)));
  for (const { offset, bytes } of pieces) dump.set(bytes, offset);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Puts another file in the place of one, as a program that writes dumps would. */
function replace(path: string): void {
  writeFileSync(`${path}.new`, 'PAGEDU64 another file');
  renameSync(`${path}.new`, path);
}

describe('a dump that is replaced while it is read', () => {
  it('is analyzed as it was where it is small: hash and report are of the same bytes', async () => {
    const path = place('small.dmp');
    writeFileSync(path, dump);
    for await (const found of host.open(path, 'small.dmp', nothing)) {
      replace(path);
      expect(found.sha256).toBe(sha256(dump));
      expect((await found.analyze()).report.bugcheck.name).not.toBe('');
    }
  });

  it.each([
    ['replaced', replace],
    ['cut off', (path: string) => truncateSync(path, 4096)],
  ])('gives no result where it is large and was %s', async (_, harm) => {
    const path = place('large.dmp');
    writeFileSync(path, dump);
    // The rest is a hole: it takes no room on the disk.
    truncateSync(path, 65 * 2 ** 20);
    const read = async () => {
      for await (const found of host.open(path, 'large.dmp', nothing)) {
        harm(path);
        await found.analyze();
      }
    };
    const error = await read().catch((each: unknown) => each);
    expect(error).toBeInstanceOf(DebuggerError);
    expect((error as DebuggerError).code).toBe('FILE_UNREADABLE');
  });

  it('tells how far a large one is hashed', async () => {
    const path = place('sparse.dmp');
    writeFileSync(path, dump);
    truncateSync(path, 65 * 2 ** 20);
    const told: number[] = [];
    for await (const found of host.open(path, 'x', ({ bytes }) => told.push(bytes)))
      expect(found.bytes).toBe(65 * 2 ** 20);
    expect(told.at(-1)).toBe(65 * 2 ** 20);
    expect(told.length).toBeGreaterThan(10);
  });
});
