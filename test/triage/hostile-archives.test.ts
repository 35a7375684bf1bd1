import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dumpBytes, playScenario, scenarios } from '@poolscope/lab';
import { openDatabase, searchDumps } from '@poolscope/triage';
import { gzipSync, zipSync } from 'fflate';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runPoolscope } from '../cli/run-poolscope.ts';
import { contentOf, temporaryFolder } from './stores.ts';

const folder = temporaryFolder();
const [db, archives] = [join(folder.path, 'x.sqlite'), join(folder.path, 'archives')];
afterAll(() => folder.remove());

/** Paths that lead out of a folder, or look like something else. */
const tricks = [
  '../../../../ESCAPED.dmp',
  `${tmpdir()}/ESCAPED-ABSOLUTE.dmp`,
  'C:\\Windows\\ESCAPED.dmp',
  '..\\..\\ESCAPED.dmp',
  'con.dmp',
  '\u001b[31mred.dmp',
  '\u202Epmd.exe',
  `${'x'.repeat(300)}.dmp`,
  'a#b.dmp',
];

let dump: Uint8Array;
/** The same dump with another last byte is another one. */
const variant = (n: number): Uint8Array => {
  const bytes = dump.slice();
  bytes[bytes.length - 1]! ^= n + 1;
  return bytes;
};

beforeAll(() => {
  dump = dumpBytes(playScenario(scenarios.find(({ name }) => name === 'double-free')!, { seed: 1 }), {
    type: 'triage',
  });
}, 60_000);

it('takes no path out of an archive, and unpacks no more than is allowed', async () => {
  const zip = zipSync(Object.fromEntries(tricks.map((name, n) => [name, variant(n)])), { level: 1 });
  const zeros = new Uint8Array(24 << 20);
  const large = new Uint8Array(dump.length + zeros.length);
  large.set(dump);
  const files = {
    'tricks.zip': zip,
    'bomb.dmp.gz': gzipSync(large, { level: 1 }),
    'bomb.zip': zipSync({ 'a.dmp': [large, { level: 1 }], 'b.dmp': [large.slice(1), { level: 1 }] }),
    'nested.zip': zipSync({ 'inner.zip': zip, 'zeros.dmp': [zeros, { level: 1 }] }),
    'fine.dmp.gz': gzipSync(dump, { level: 1 }),
  };
  mkdirSync(archives);
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(archives, name), bytes);
  const args = ['triage', archives, '--db', db, '--unpack-limit', '16', '--workers', '2', '--keep-dumps'];
  const { code, stdout, stderr } = runPoolscope([...args, join(folder.path, 'kept')]);
  expect(code).toBe(1);
  expect(stderr).toContain(`${tricks.length + 1} dumps analyzed`);
  expect(stderr).toMatch(/bomb\.dmp\.gz: its dumps have more than \d+ bytes.*\(ARCHIVE_TOO_LARGE\)/);
  expect(stderr).toMatch(/bomb\.zip: .*\(ARCHIVE_TOO_LARGE\)/);
  expect(stderr).toMatch(/nested\.zip: .*\(ARCHIVE_NO_DUMP\)/);
  expect(stdout + stderr).not.toContain('\u001b[31m');

  const store = await openDatabase(db);
  const { total } = await searchDumps(store.db, {});
  const content = (await contentOf(store)) as Record<string, { name: string }[]>;
  await store.close();
  expect(total).toBe(tricks.length + 1);
  expect(content['tallies']).toEqual(content['counted']);
  const inside = content['sources']!.filter(({ name }) => name.includes('tricks.zip#'));
  expect(inside).toHaveLength(tricks.length);

  for (const place of [folder.path, join(folder.path, '..'), tmpdir(), process.cwd()])
    expect(readdirSync(place).filter((name) => name.includes('ESCAPED'))).toEqual([]);
  expect(existsSync('/ESCAPED.dmp')).toBe(false);
  expect(readdirSync(join(folder.path, 'kept')).every((name) => /^[0-9a-f]{64}\.\w+$/.test(name))).toBe(true);
}, 60_000);
