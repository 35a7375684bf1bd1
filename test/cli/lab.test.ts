import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runPoolscope } from './run-poolscope.ts';

const folder = mkdtempSync(join(tmpdir(), 'poolscope-lab-'));
const at = (name: string) => join(folder, name);
const lab = (...args: string[]) => runPoolscope(['lab', ...args], { cwd: folder });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Verdict {
  readonly kind: string;
  readonly block: { readonly address: string } | null;
  readonly suspects: readonly { readonly module: string }[];
}
interface Entry {
  readonly name: string;
  readonly story: string;
  readonly truth: Verdict;
  readonly knowable: Readonly<Record<string, Readonly<Record<string, boolean>>>>;
}

const analyze = (file: string) =>
  JSON.parse(runPoolscope(['analyze', '--json', file], { cwd: folder }).stdout) as {
    dump: { format: string; build: number };
    bugcheck: { code: string };
    verdict: Verdict;
  };

describe('poolscope lab list', () => {
  const { code, stdout } = lab('list', '--json');
  const entries = JSON.parse(stdout) as Entry[];
  const entry = (name: string) => entries.find((each) => each.name === name)!;

  it('gives each scenario with story and truth', () => {
    expect(code).toBe(0);
    expect(new Set(entries.map(({ name }) => name)).size).toBe(entries.length);
    for (const { story } of entries) expect(story).toMatch(/^[^\n]{20,}$/);
    expect(entry('double-free').truth).toMatchObject({
      kind: 'double-free',
      block: { address: expect.stringMatching(/^0x[0-9a-f]+$/), state: 'free' },
      damage: null,
      freedAddress: expect.stringMatching(/^0x/),
      suspects: [{ module: 'myfault.sys' }],
    });
  });

  it('tells of every field and kind of dump whether it can be known', () => {
    const kinds = ['full', 'bitmap-full', 'bitmap-kernel', 'triage'];
    for (const { knowable } of entries) {
      expect(Object.keys(knowable)).toEqual([
        'kind',
        'block',
        'block.tag',
        'block.state',
        'victims',
        'damage',
        'freedAddress',
        'suspects',
      ]);
      for (const byKind of Object.values(knowable)) expect(Object.keys(byKind)).toEqual(kinds);
    }
    expect(entry('overrun-text').knowable['block']).toMatchObject({ 'bitmap-kernel': true, triage: false });
    expect(entry('double-free').knowable['kind']).toMatchObject({ 'bitmap-kernel': true, triage: true });
  });

  it('is a table for people', () => {
    const { stdout: table } = lab('list');
    expect(table).not.toContain('pool-overrun');
    expect(table).toMatch(/^double-free +easy +The same block freed twice$/m);
  });
});

describe('poolscope lab show', () => {
  it('tells the story without the answer', () => {
    const { code, stdout } = lab('show', 'overrun-text');
    expect(code).toBe(0);
    expect(stdout).toContain('blkcache.sys, myfault.sys');
    expect(stdout).toContain('Ends with  SYSTEM_SERVICE_EXCEPTION (3b) at nt!ExAllocatePoolWithTag+0x');
    expect(stdout).toContain('With --verifier "/flags 9 /driver blkcache.sys myfault.sys"');
    expect(stdout).toContain('poolscope lab run overrun-text');
    expect(stdout).not.toContain('pool-overrun');
  });

  it('tells the answer with --truth', () => {
    const { stdout } = lab('show', 'overrun-text', '--truth');
    expect(stdout).toContain('"kind": "pool-overrun"');
    expect(stdout).toMatch(/^ {2}damage +full, bitmap-full, bitmap-kernel$/m);
  });
});

describe('poolscope lab run', () => {
  it.each([
    ['full', 'full'],
    ['bitmap-full', 'bitmap-full'],
    ['kernel', 'bitmap-kernel'],
    ['triage', 'triage'],
  ])('writes a %s dump that opens', (kind, format) => {
    const out = at(`${kind}.dmp`);
    const { code, stdout, stderr } = lab('run', 'double-free', '--kind', kind, '--out', out);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /^The machine stopped with BAD_POOL_CALLER \(c2\) in the kernel, called by myfault!/,
    );
    expect(stdout).toContain(`${out}: ${statSync(out).size} bytes, a ${format} dump of Windows build 9200.`);
    expect(analyze(out)).toMatchObject({ dump: { format, build: 9200 }, bugcheck: { code: '0xc2' } });
  });

  it('names the file after the scenario, and writes symbols that serve it', () => {
    const { stdout } = lab('run', 'overrun-byte', '--windows', '7601', '--symbols-out', 'symbols');
    expect(stdout).toContain('poolscope analyze overrun-byte.dmp --symbols symbols');
    expect(analyze('overrun-byte.dmp').dump.build).toBe(7601);
    const listed = runPoolscope(['symbols', 'list', 'overrun-byte.dmp', '--symbols', 'symbols'], {
      cwd: folder,
    });
    expect(listed.stdout).toMatch(/^7 of 7 modules have symbols\.$/m);
  });

  it('gives the same bytes for the same seed, and others for another', () => {
    const bytes = (name: string, seed: string) => {
      lab('run', 'double-free', '--seed', seed, '--out', at(name));
      return readFileSync(at(name));
    };
    const first = bytes('one.dmp', '3');
    expect(bytes('two.dmp', '3').equals(first)).toBe(true);
    expect(bytes('three.dmp', '4').equals(first)).toBe(false);
  });

  it.each([
    [['run', 'overrun-tex'], /is it overrun-text/],
    [['show', 'nothing-like-it'], /there is no scenario/],
    [['run', 'double-free', '--windows', '10586'], /no Windows build 10586\n {2}It has 7601, 9200/],
    [['run', 'double-free', '--windows', '19041'], /no story of build 19041/],
    [['run', 'double-free', '--kind', 'header'], /Allowed choices are full/],
    [['run', 'double-free', '--seed', '-1'], /no whole number/],
    [['run', 'double-free', '--verifier', '/nonsense'], /\/nonsense is not known/],
    [['run'], /missing required argument/],
    [['challenge', '--answer', 'kind=double-free'], /the dump that is answered is missing/],
    [['challenge', '--file', 'x.dmp', '--answer', 'kind=crash'], /there is no kind 'crash'/],
  ])('refuses %j with exit code 2', (args, message) => {
    const { code, stdout, stderr } = lab(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });

  it('ends with exit code 1 where it cannot write, and leaves nothing', () => {
    const { code, stderr } = lab('run', 'double-free', '--out', at('none/x.dmp'));
    expect(code).toBe(1);
    expect(stderr).toContain('cannot be written: there is no such file');
    expect(existsSync(at('none'))).toBe(false);
  });
});

describe('poolscope lab challenge', () => {
  const { code, stdout } = lab('challenge', '--seed', '11', '--out', 'riddle.dmp');
  const answer = (text: string) => lab('challenge', '--file', 'riddle.dmp', '--answer', text);

  it('hands out a dump and does not tell what it is', () => {
    expect(code).toBe(0);
    expect(stdout).toContain('riddle.dmp.answer keeps the answer');
    const names = lab('list')
      .stdout.split('\n')
      .flatMap((line) => /^(\S+) +(?:easy|medium|hard) /.exec(line)?.[1] ?? []);
    expect(names.length).toBeGreaterThan(10);
    const secret = readFileSync(at('riddle.dmp.answer'), 'latin1');
    for (const name of names) expect(stdout + secret).not.toContain(name);
  });

  it('says what was right of an answer', () => {
    const right = answer('module=none');
    expect(right.code).toBe(0);
    const truths = [...right.stdout.matchAll(/^(kind|module|block) +.*?(?:right:|was) (\S+)$/gm)];
    expect(truths.map(([, name]) => name)).toEqual(['kind', 'module', 'block']);
    const text = truths.map(([, name, truth]) => `${name}=${truth}`).join(' ');
    expect(answer(text).stdout).toContain('3 of 3 right. It was ');
    expect(answer('kind=not-pool module=other.sys block=1').stdout).not.toContain('3 of 3 right');
  });

  it('belongs to its dump', () => {
    lab('challenge', '--seed', '12', '--out', 'riddle.dmp.copy');
    rmSync(at('riddle.dmp.answer'));
    expect(answer('kind=not-pool')).toMatchObject({ code: 1, stdout: '' });
  });
});
