import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dumpBytes, playScenario, scenarios } from '@poolscope/lab';
import { strToU8, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runPoolscope } from '../cli/run-poolscope.ts';
import { temporaryFolder } from './stores.ts';

const folder = temporaryFolder();
const place = (name: string) => join(folder.path, name);
const db = ['--db', place('fleet.sqlite'), '--workers', '2'];
afterAll(() => folder.remove());

beforeAll(() => {
  const dumpOf = (name: string) =>
    dumpBytes(playScenario(scenarios.find((each) => each.name === name)!, { seed: 1 }), { type: 'triage' });
  const [one, two] = [dumpOf('overrun-text'), dumpOf('double-free')];
  writeFileSync(place('one.dmp'), one);
  writeFileSync(place('two.dmp'), two);
  writeFileSync(
    place('both.zip'),
    zipSync({ 'a/one.dmp': one, 'readme.txt': strToU8('notes'), 'b/two.dmp': two }, { level: 1 }),
  );
  writeFileSync(place('broken.dmp'), one.subarray(0, 3000));
}, 60_000);

describe('poolscope triage', () => {
  it('opens every dump of an archive, and counts each dump once', () => {
    const { code, stdout, stderr } = runPoolscope([
      'triage',
      place('both.zip'),
      place('one.dmp'),
      ...db,
      '--json',
    ]);
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining('2 files, 2 dumps analyzed, 1 known already'),
    ]);
    const { schema, total, buckets, setAside } = JSON.parse(stdout);
    expect([schema, total, setAside.total]).toEqual(['poolscope.buckets/1', 2, 0]);
    expect(buckets.every(({ count }: { count: number }) => count === 1)).toBe(true);
  });

  it('gives the reports and signatures of analyze, and why a dump is where it is', () => {
    const { stdout } = runPoolscope(['analyze', '--json', place('one.dmp')]);
    const { signature } = JSON.parse(stdout);
    const { stdout: table, code } = runPoolscope(['buckets', ...db.slice(0, 2)]);
    expect([code, table]).toEqual([0, expect.stringContaining(signature)]);
    const sha256 = createHash('sha256')
      .update(readFileSync(place('one.dmp')))
      .digest('hex');
    const why = runPoolscope(['buckets', 'why', sha256, ...db.slice(0, 2)]);
    expect(why.stdout).toMatch(/^\w{64} is in bucket \w{12}, by its signature\n/);
    expect(why.stdout).toContain(`Signature ${signature}\n`);
  }, 240_000);

  it('goes on where it was, tells what is no dump, and ends with 1 for it', () => {
    const { code, stdout, stderr } = runPoolscope(['triage', folder.path, ...db]);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /4 files, 0 dumps analyzed, 2 files done before, 1 known already, 1 no readable dump in/,
    );
    expect(stdout).toMatch(/1 without a report:\n {2}DUMP_\w+ +\S+broken\.dmp: /);
    const again = runPoolscope(['triage', folder.path, ...db]);
    expect([again.code, again.stderr]).toEqual([
      1,
      expect.stringContaining('4 files done before (1 without a report)'),
    ]);
    expect(again.stdout).toMatch(/All buckets of damaged pool together: 2 dumps of \d machines?/);
    expect(again.stdout).toMatch(/\n {2}poolscope buckets show [0-9a-f]{12} --db /);
  }, 240_000);

  it('compares the machines of an inventory', () => {
    const list = place('drivers.csv');
    writeFileSync(list, 'machine,driver\npc1,a.sys\npc2,b.sys\npc2,a.sys\n');
    const taken = runPoolscope(['buckets', 'inventory', list, ...db.slice(0, 2)]);
    expect([taken.code, taken.stdout]).toEqual([0, '2 machines with 2 drivers to compare with\n']);
    const { code, stdout: json } = runPoolscope(['buckets', 'suspects', '--json', ...db.slice(0, 2)]);
    expect([code, JSON.parse(json).others]).toEqual([0, 2]);
  }, 240_000);

  it('stores nothing of paths with --redact', () => {
    const other = place('redacted.sqlite');
    const { code } = runPoolscope(['triage', place('both.zip'), '--db', other, '--redact', '--workers', '1']);
    expect(code).toBe(0);
    const bytes = readFileSync(other).toString('latin1');
    expect(bytes).not.toContain('both.zip');
    expect(bytes).not.toContain('two.dmp');
    expect(bytes).toContain('redacted-');
  });

  it.each([
    [['triage'], /no dumps were named/],
    [['triage', 'x', '--db', '/no/such/folder/x.sqlite'], /there is no folder/],
    [['triage', 'x', '--keep-dumps', 'k', '--redact'], /Give one of them/],
    [['worker', '--db', 'file.sqlite'], /a worker needs a PostgreSQL database/],
    [['triage', '--watch', 'nowhere'], /there is no folder nowhere/],
    [['buckets', '--db', 'nothing.sqlite'], /there is no store nothing\.sqlite/],
    [['buckets', 'shwo', 'x'], /too many arguments/],
    [
      ['buckets', 'inventory', 'nothing.csv', '--db', 'fleet.sqlite'],
      /nothing\.csv cannot be read: there is no such file/,
    ],
    [['buckets', 'inventory', 'one.dmp', '--db', 'fleet.sqlite'], /no inventory/],
    [['buckets', 'why', 'x', '--db', 'fleet.sqlite'], /there is no report of x/],
    [['serve', '--allow-origin', 'x'], /no http or https address/],
    [['serve', 'fleet.sqlite'], /too many arguments/],
    [['serve', '--webhook', 'file:///etc/hosts'], /no http or https address/],
    [['serve', '--new-token', ''], /1 to 100 characters/],
  ])('%j is wrong usage', (args, message) => {
    const { code, stderr } = runPoolscope(args, { cwd: folder.path });
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});
