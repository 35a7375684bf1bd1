import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildMachine, dumpBytes } from '@poolscope/lab';
import { gzipSync, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runPoolscope } from './run-poolscope.ts';

const folder = mkdtempSync(join(tmpdir(), 'poolscope-test-'));
const at = (name: string) => join(folder, name);

beforeAll(() => {
  const machine = buildMachine();
  const triage = dumpBytes(machine, { type: 'triage' });
  writeFileSync(at('small.dmp'), triage);
  writeFileSync(at('small.dmp.gz'), gzipSync(triage));
  writeFileSync(
    at('small.zip'),
    zipSync({ 'readme.txt': new TextEncoder().encode('hello'), 'Minidump/small.dmp': triage }),
  );
  writeFileSync(at('kernel.dmp'), dumpBytes(machine, { type: 'bitmap-kernel' }));
  writeFileSync(at('zeros.dmp'), new Uint8Array(0x4000));
  writeFileSync(at('cut.dmp'), triage.subarray(0, 0x1234));
  writeFileSync(at('half.dmp'), triage.subarray(0, triage.length >> 1));
  writeFileSync(at('text.dmp'), 'this is not a dump');
  writeFileSync(at('empty.dmp'), '');
  writeFileSync(at('user.dmp'), 'MDMP\x93\xa7\x00\x00 and so on, long enough to be looked at');
  mkdirSync(at('folder'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('poolscope analyze', () => {
  it('prints a page for a person', () => {
    const { code, stdout, stderr } = runPoolscope(['analyze', at('kernel.dmp')]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toContain('kernel bitmap dump');
    expect(stdout).toContain('SYSTEM_SERVICE_EXCEPTION');
    expect(stdout).toContain('mov r9,qword ptr [rax+8]');
    expect(stdout).toContain(`poolscope debug ${at('kernel.dmp')}`);
    expect(stdout).not.toContain('\x1b[');
  });

  it('prints one object for one file and one line for each of several', () => {
    const one = runPoolscope(['analyze', '--json', at('small.dmp')]);
    expect(JSON.parse(one.stdout)).toMatchObject({
      schema: 'poolscope.analysis/1',
      dump: { format: 'triage' },
    });
    const two = runPoolscope(['analyze', '--json', at('small.dmp'), at('kernel.dmp')]);
    const lines = two.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { dump: { format: string } });
    expect(lines.map(({ dump }) => dump.format)).toEqual(['triage', 'bitmap-kernel']);
  });

  it('answers the other files when one cannot be read', () => {
    const { code, stdout, stderr } = runPoolscope([
      'analyze',
      '--json',
      at('zeros.dmp'),
      at('small.dmp'),
      at('none.dmp'),
    ]);
    expect(code).toBe(1);
    expect(stdout.trimEnd().split('\n').length).toBe(1);
    expect(stderr).toContain('zeros.dmp');
    expect(stderr).toContain('none.dmp');
  });

  it.each(['small.dmp.gz', 'small.zip'])('opens the dump inside %s', (name) => {
    const { code, stdout } = runPoolscope(['analyze', '--json', at(name)]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ dump: { format: 'triage', path: at(name) } });
  });

  it.each([
    ['zeros.dmp', /zeros/],
    ['cut.dmp', /ends inside the dump header/],
    ['text.dmp', /not a Windows kernel dump/],
    ['empty.dmp', /empty/],
    ['user.dmp', /user-mode minidump/],
    ['folder', /director/],
    ['missing.dmp', /missing\.dmp/],
  ])('refuses %s with one clear error and a remedy', (name, message) => {
    const { code, stdout, stderr } = runPoolscope(['analyze', at(name)]);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n').length).toBe(2);
    expect(stderr).not.toContain('    at ');
  });

  it('gives a partial answer with warnings for half a dump', () => {
    const { code, stdout } = runPoolscope(['analyze', '--json', at('half.dmp')]);
    expect(code).toBe(0);
    const report = JSON.parse(stdout) as { warnings: { rule: string }[] };
    expect(report.warnings.map(({ rule }) => rule)).toContain('dump-truncated');
  });

  it('leaves out names and folders with --redact', () => {
    const { stdout } = runPoolscope(['analyze', '--json', '--redact', at('kernel.dmp')]);
    expect(stdout).not.toContain(folder);
    expect(stdout).not.toContain('kernel.dmp');
    expect(JSON.parse(stdout)).toMatchObject({ dump: { path: 'redacted' }, system: { process: null } });
    expect(runPoolscope(['analyze', '--redact', at('missing.dmp')]).stderr).not.toContain(folder);
  });

  it('explains its signature', () => {
    const { stdout } = runPoolscope(['analyze', '--explain-signature', at('kernel.dmp')]);
    expect(stdout).toMatch(/Signature {2}SYSTEM_SERVICE_EXCEPTION\|c0000005/);
    expect(stdout).toContain('bug-check: the bug check');
  });
});

describe('poolscope debug', () => {
  it('echoes each command before its output', () => {
    const { code, stdout } = runPoolscope([
      'debug',
      at('kernel.dmp'),
      '-c',
      '.bugcheck; ? 0n10 + 6; db fffff`0 L1; nonsense; r rax',
    ]);
    expect(code).toBe(0);
    expect(stdout.split('\n').filter((line) => line.startsWith('kd> '))).toEqual([
      'kd> .bugcheck',
      'kd> ? 0n10 + 6',
      'kd> db fffff`0 L1',
      'kd> nonsense',
      'kd> r rax',
    ]);
    expect(stdout).toContain('Bugcheck code 0000003B');
    expect(stdout).toContain('Evaluate expression: 16 = 00000000`00000010');
    expect(stdout).toContain("there is no command 'nonsense'");
  });

  it('reads commands from a pipe and leaves at q', () => {
    const { code, stdout } = runPoolscope(['debug', at('small.dmp')], { input: 'vertarget\nq\n.bugcheck\n' });
    expect(code).toBe(0);
    expect(stdout).toContain('Kernel base = 0x');
    expect(stdout).not.toContain('Bugcheck code');
  });
});

describe('the command line', () => {
  it('explains itself', () => {
    const { code, stdout } = runPoolscope(['--help']);
    expect(code).toBe(0);
    for (const word of ['analyze', 'debug', 'Examples', 'Exit codes']) expect(stdout).toContain(word);
    expect(runPoolscope(['--version'])).toMatchObject({ code: 0, stdout: '0.1.0\n' });
  });

  it.each([[[]], [['frobnicate']], [['analyze']], [['analyze', '--nonsense', 'x']], [['debug']]])(
    'refuses wrong usage %j with exit code 2',
    (args) => {
      const { code, stdout, stderr } = runPoolscope(args);
      expect(code).toBe(2);
      expect(stdout).toBe('');
      expect(stderr).not.toBe('');
    },
  );

  it('explains a made-up crash', () => {
    const { code, stdout } = runPoolscope(['demo']);
    expect(code).toBe(0);
    expect(stdout).toContain('SYSTEM_SERVICE_EXCEPTION');
    expect(stdout).toContain('nt!ExAllocatePoolWithTag+0x442');
    expect(stdout).toMatch(/Your own dump: {2}(npx )?poolscope analyze FILE/);
  });
});
