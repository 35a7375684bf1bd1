import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BufferSource, openSession } from '@poolscope/engine';
import { dumpBytes, playScenario, scenarios } from '@poolscope/lab';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runPoolscope } from '../cli/run-poolscope.ts';

const examples = fileURLToPath(new URL('../../examples/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'poolscope-examples-'));
const greeter = join(folder, 'greeter.dmp');
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs an example as its reader would: by Node, with the packages as they were built. */
function run(name: string, args: readonly string[], input = '') {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(examples, name), ...args], {
    encoding: 'utf8',
    input,
  });
  return { status, stdout, stderr };
}

/** The reports of dumps of one driver, as one line each. */
let reports = '';
let made: ReturnType<typeof run>;
beforeAll(() => {
  made = run('my-driver.mjs', [greeter]);
  const other = join(folder, 'other.dmp');
  const healthy = scenarios.find(({ name }) => name === 'double-free')!;
  writeFileSync(other, dumpBytes(playScenario(healthy, { seed: 1 }), { type: 'triage' }));
  reports = runPoolscope(['analyze', '--json', greeter, other]).stdout;
});

describe('examples', () => {
  it('my-driver: the lab plays it, and the verdict names it', async () => {
    expect(made).toMatchObject({ status: 0, stderr: '' });
    const session = await openSession(new BufferSource(readFileSync(greeter)));
    const { verdict } = session.analyze().report;
    expect([verdict.kind, verdict.suspects[0]?.module]).toStrictEqual(['pool-overrun', 'greeter.sys']);
  });

  it('top-tags: ten, the most memory first', () => {
    const { status, stdout } = run('top-tags.mjs', [greeter]);
    const sizes = [...stdout.matchAll(/^.{4} +(\d+) bytes/gm)].map(([, bytes]) => Number(bytes));
    expect(status).toBe(0);
    expect(sizes).toHaveLength(10);
    expect(sizes).toStrictEqual([...sizes].sort((a, b) => b - a));
  });

  it('detector: what only the driver knows becomes the verdict', () => {
    const { status, stdout } = run('detector.mjs', [greeter]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^pool-overrun, 99 %\ngreeter\.sys took a name of 136 bytes into a block of 112/);
    expect(stdout).toContain('00000088');
  });

  it('command: answers, and says what it lacks', () => {
    const address = /"damage":\{"start":"0x(\w+)"/.exec(reports)?.[1];
    const { stdout } = run('command.mjs', [greeter, `!neighbours ${address} - 8`]);
    expect(stdout).toMatch(/^before .*\nitself {2}\w{8}`\w{8} {2}0x70 bytes {2}allocated {2}Gree\nbehind /);
    const missing = run('command.mjs', [greeter, '!neighbours']);
    expect([missing.status, missing.stderr]).toStrictEqual([
      1,
      expect.stringContaining('usage: !neighbours ADDR'),
    ]);
  });

  it('blames: fails for the driver under test only', () => {
    const blamed = run('ci/blames.mjs', ['greeter.sys'], reports);
    expect(blamed.status).toBe(1);
    expect(blamed.stdout).toMatch(/greeter\.dmp: [\s\S]*\n2 dumps, 1 blame greeter\.sys\n$/);
    expect(run('ci/blames.mjs', ['innocent.sys'], reports)).toMatchObject({
      status: 0,
      stdout: '2 dumps, 0 blame innocent.sys\n',
    });
    const single = runPoolscope(['analyze', '--json', greeter]).stdout;
    expect(run('ci/blames.mjs', ['greeter.sys'], single).status).toBe(1);
    expect(run('ci/blames.mjs', ['greeter.sys'], 'no report').status).toBe(2);
  });

  it.skipIf(!hasPython())('verdicts.py: a table by signature', () => {
    const table = execFileSync('python3', [join(examples, 'verdicts.py')], {
      input: reports,
      encoding: 'utf8',
    });
    expect(table).toMatch(/^1 x pool-overrun by greeter\.sys at block 0x\w+ \(Gree\)$/m);
    expect(table).toMatch(/^1 x double-free by nobody named/m);
  });
});

/** Without Python the example is skipped, and counted as skipped. */
function hasPython(): boolean {
  return spawnSync('python3', ['--version']).status === 0;
}
