import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { checkOwner, OwnerLock } from './owner-lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'poolscope-owner-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const database = join(folder, 'x.sqlite');
const owner = `${database}.owner`;
/** No process has it: the largest number that Linux gives is less. */
const nobody = 2 ** 30;

it('is taken and given back', () => {
  const lock = new OwnerLock(database);
  expect(existsSync(owner)).toBe(true);
  lock.release();
  expect(existsSync(owner)).toBe(false);
});

it('counts for nothing when its process is gone, or half written', () => {
  for (const text of [JSON.stringify({ pid: nobody, host: hostname() }), '{"pid":']) {
    writeFileSync(owner, text);
    expect(() => checkOwner(database)).not.toThrow();
    new OwnerLock(database).release();
  }
});

it.each([
  ['a process that runs', { pid: process.ppid, host: hostname() }],
  ['one of another machine', { pid: nobody, host: 'elsewhere' }],
])('of %s is left alone', (_what, text) => {
  writeFileSync(owner, JSON.stringify(text));
  expect(() => new OwnerLock(database)).toThrow('is in use by process');
  expect(() => checkOwner(database)).toThrow('is in use by process');
  expect(existsSync(owner)).toBe(true);
});
