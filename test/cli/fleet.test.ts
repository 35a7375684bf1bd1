import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runPoolscope } from './run-poolscope.ts';

const folder = mkdtempSync(join(tmpdir(), 'poolscope-fleet-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const run = (...args: string[]) => runPoolscope(args, { cwd: folder });

interface Truth {
  readonly guilty: readonly { readonly module: string; readonly scenarios: readonly string[] }[];
  readonly badMemory: readonly string[];
  readonly crashes: readonly {
    readonly file: string;
    readonly cause: string;
    readonly culprit: string | null;
  }[];
  readonly machines: readonly { readonly name: string; readonly drivers: readonly { module: string }[] }[];
}
interface Bucket {
  readonly id: string;
  readonly count: number;
}
interface BucketPage {
  readonly machines: number;
  readonly ranking: {
    readonly suspects: readonly { readonly what: string; readonly module: string | null }[];
  };
  readonly dumps: readonly unknown[];
}

const fleetArgs = ['--machines', '60', '--culprit', 'cryptvol', '--windows', '9200', '--kind', 'triage'];
const made = run('lab', 'fleet', ...fleetArgs, '--crashes', '12', '--seed', '8', '--out', 'fleet');

describe('poolscope lab fleet', () => {
  const truth = JSON.parse(readFileSync(join(folder, 'fleet', 'truth.json'), 'utf8')) as Truth;

  it('writes a folder for each machine that crashed, and the truth', () => {
    expect(made.code).toBe(0);
    expect(made.stdout).toMatch(/^12 dumps of \d+ machines of 60 are in fleet;/);
    expect(truth.guilty).toMatchObject([{ module: 'cryptvol.sys' }]);
    expect(truth.machines).toHaveLength(60);
    expect(truth.badMemory).toHaveLength(1);
    const files = readdirSync(join(folder, 'fleet'), { recursive: true, encoding: 'utf8' });
    expect(files.filter((file) => file.endsWith('.dmp')).sort()).toEqual(
      truth.crashes.map(({ file }) => file).sort(),
    );
  });

  it('lets the guilty driver crash machines that have it', () => {
    const done = truth.crashes.filter(({ cause }) => cause === 'driver');
    expect(done.length).toBeGreaterThan(6);
    for (const { file, culprit } of done) {
      expect(culprit).toBe('cryptvol.sys');
      const machine = truth.machines.find(({ name }) => file.startsWith(`${name}/`));
      expect(machine?.drivers).toContainEqual(expect.objectContaining({ module: 'cryptvol.sys' }));
    }
  });

  it.each([
    [['--guilty', '3'], /no more than two guilty drivers/],
    [['--culprit', 'nobody'], /no driver of the lab's fleets is called nobody/],
    [['--windows', '1'], /the lab has no Windows build 1/],
    [['--machines', '0'], /a fleet has 1 to 100000 machines/],
    [['--crashes', 'many'], /no whole number/],
  ])('refuses %j', (args, message) => {
    const { code, stderr } = run('lab', 'fleet', '--out', 'none', ...args);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(message);
  });
});

describe('triage of a fleet of small dumps', () => {
  const triaged = run('triage', 'fleet', '--machine-from', 'folder', '--db', 'fleet.sqlite', '--json');
  const { buckets } = JSON.parse(triaged.stdout) as { buckets: readonly Bucket[] };
  const [largest] = [...buckets].sort((one, other) => other.count - one.count);
  const page = JSON.parse(
    run('buckets', 'show', largest!.id, '--db', 'fleet.sqlite', '--json').stdout,
  ) as BucketPage;

  it('has every dump in a bucket', () => {
    expect(triaged.code).toBe(0);
    expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(12);
  });

  it('has the guilty driver as first suspect of the largest bucket, which no single dump names', () => {
    expect(page.dumps).toHaveLength(largest!.count);
    expect(page.machines).toBeGreaterThan(1);
    expect(page.ranking.suspects[0]).toMatchObject({
      what: 'driver',
      module: 'cryptvol.sys',
      accused: true,
      naming: { named: 0 },
    });
  });
});
