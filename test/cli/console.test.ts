import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildMachine, dumpBytes } from '@poolscope/lab';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { programPath, runPoolscope } from './run-poolscope.ts';

const folder = mkdtempSync(join(tmpdir(), 'poolscope-console-'));
const at = (name: string) => join(folder, name);
const dump = at('small.dmp');

beforeAll(() => {
  const bytes = dumpBytes(buildMachine(), { type: 'triage' });
  writeFileSync(dump, bytes);
  writeFileSync(at('half.dmp'), bytes.subarray(0, bytes.length >> 1));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const echoes = (text: string) => text.split('\n').filter((line) => line.startsWith('kd> '));

describe('commands given with -c', () => {
  it('run in turn, also from several options', () => {
    const { code, stdout } = runPoolscope(['debug', dump, '-c', '? 1; ? 2', '-c', '? 3']);
    expect(code).toBe(0);
    expect(echoes(stdout)).toEqual(['kd> ? 1', 'kd> ? 2', 'kd> ? 3']);
  });

  it('end at q, wherever it stands', () => {
    const { code, stdout } = runPoolscope(['debug', dump, '-c', '? 1; Q; ? 2', '-c', '? 3']);
    expect(code).toBe(0);
    expect(echoes(stdout)).toEqual(['kd> ? 1', 'kd> Q']);
  });

  it('may be none', () => {
    expect(runPoolscope(['debug', dump, '-c', ''])).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('answer what can be answered: an error is an answer', () => {
    const { code, stdout, stderr } = runPoolscope(['debug', dump, '-c', 'nonsense; db; ? 1 +; ? 2']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain("there is no command 'nonsense'");
    expect(stdout).toContain('Evaluate expression: 2 ');
  });

  it('warn of damage on stderr', () => {
    const { code, stdout, stderr } = runPoolscope(['debug', at('half.dmp'), '-c', '? 1']);
    expect(code).toBe(0);
    expect(echoes(stdout)).toEqual(['kd> ? 1']);
    expect(stderr).toMatch(/^poolscope: warning: /);
  });

  it('are quiet when nobody reads on', () => {
    const command = `"${process.execPath}" "${programPath}" debug "${dump}" -c "${'lm;'.repeat(200)}" | head -n 1`;
    const { stdout, stderr } = spawnSync('sh', ['-c', command], { encoding: 'utf8' });
    expect({ stdout, stderr }).toEqual({ stdout: 'kd> lm\n', stderr: '' });
  });
});

describe('commands from a pipe', () => {
  it('are echoed line by line', () => {
    const input = '? 1; ? 2\r\n\n   \n? 3';
    const { code, stdout } = runPoolscope(['debug', dump], { input });
    expect(code).toBe(0);
    expect(stdout.startsWith(`Loading Dump File [${dump}]\n`)).toBe(true);
    expect(echoes(stdout)).toEqual(['kd> ? 1; ? 2', 'kd> ? 3']);
    expect(stdout).not.toContain('\x1b');
  });

  it('may be none', () => {
    const { code, stdout, stderr } = runPoolscope(['debug', dump], { input: '' });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(echoes(stdout)).toEqual([]);
  });

  it('are refused when a line is too long, and those behind it run', () => {
    const { code, stdout } = runPoolscope(['debug', dump], { input: `? ${'1'.repeat(1 << 24)}\n? 2\n` });
    expect(code).toBe(0);
    expect(stdout.length).toBeLessThan(2000);
    expect(stdout).toContain('a line has at most 65536 characters');
    expect(echoes(stdout)).toEqual(['kd> ? 2']);
  });

  it('are answered one by one, before the pipe ends', async () => {
    const child = spawn(process.execPath, [programPath, 'debug', dump], { stdio: 'pipe' });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    const shows = async (text: string) => {
      while (!output.includes(text)) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    child.stdin.write('? 1\n');
    await shows('Evaluate expression: 1 ');
    child.stdin.write('? 2\nq\n');
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(code).toBe(0);
    expect(output).toContain('Evaluate expression: 2 ');
  });
});

describe('files of the console', () => {
  it('are scripts, which may leave', () => {
    writeFileSync(at('script.txt'), '? 1\r\n.if (1) { ? 2; q; ? 3 }\r\n? 4\r\n');
    const { code, stdout } = runPoolscope(['debug', dump, '-c', `$<${at('script.txt')}`, '-c', '? 5']);
    expect(code).toBe(0);
    const values = [...stdout.matchAll(/Evaluate expression: (\d)/g)].map(([, value]) => value);
    expect(values).toEqual(['1', '2']);
  });

  it('are logs of what is shown, echoes included', () => {
    const log = at('a.log');
    const { stdout } = runPoolscope(['debug', dump], {
      input: `? 1\n.logopen ${log}\n? 2\nnonsense\n.logclose\n? 3\n`,
    });
    const lines = readFileSync(log, 'utf8').split('\n');
    const shown = stdout.split('\n');
    expect(echoes(lines.join('\n'))).toEqual(['kd> ? 2', 'kd> nonsense', 'kd> .logclose']);
    expect(lines).toContain("there is no command 'nonsense'");
    expect(shown.join('\n')).toContain(lines.join('\n').trimEnd());
  });

  it('are refused with a reason', () => {
    const before = readFileSync(dump);
    const lines = [`.logopen ${dump}`, `.logopen ${folder}`, `$<${at('none.txt')}`, `$<${folder}`, '? 1'];
    const { code, stdout } = runPoolscope(['debug', dump, ...lines.flatMap((line) => ['-c', line])]);
    expect(code).toBe(0);
    for (const reason of [
      'it is a dump, which a log would damage',
      'it is a directory',
      'there is no such file',
    ])
      expect(stdout).toContain(reason);
    expect(stdout).toContain('Evaluate expression: 1 ');
    expect(readFileSync(dump).equals(before)).toBe(true);
  });
});

describe.skipIf(process.platform === 'win32')('SIGINT', () => {
  it.each([
    ['while it waits for a command', [], 'Loading', ''],
    ['while a command never ends', ['-c', '.echo begun; .while (1) { }; .echo no'], '\nbegun\n', '^C\n'],
    [
      'while a command prints without end',
      ['-c', '.while (1) { .echo begun }; .echo no'],
      '\nbegun\n',
      '^C\n',
    ],
  ])('ends the program with 130 and without a word, %s', async (_when, args, begun, end) => {
    const child = spawn(process.execPath, [programPath, 'debug', dump, ...args], { stdio: 'pipe' });
    const said = { output: '', errors: '' };
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said.errors += text;
    });
    await new Promise<void>((resolve) => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        said.output += text;
        if (said.output.includes(begun)) resolve();
      });
    });
    child.kill('SIGINT');
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect({ code, errors: said.errors }).toEqual({ code: 130, errors: '' });
    expect(said.output.endsWith(end)).toBe(true);
    expect(said.output).not.toContain('kd> .echo no');
  });
});

/** Python's pty module makes a terminal; not every machine has it. */
const hasPty =
  process.platform !== 'win32' &&
  spawnSync('python3', ['-c', 'import pty'], { stdio: 'ignore' }).status === 0;

describe.skipIf(!hasPty)('a real terminal', () => {
  /** Waits for a text, then presses keys, and so on; gives what was shown and the exit code. */
  function converse(args: readonly string[], script: readonly (readonly [string, string])[]) {
    const { stdout, stderr } = spawnSync(
      'python3',
      [
        join(import.meta.dirname, 'terminal.py'),
        JSON.stringify(script),
        process.execPath,
        programPath,
        ...args,
      ],
      { encoding: 'utf8', env: { ...process.env, XDG_STATE_HOME: folder, TERM: 'xterm', NO_COLOR: '' } },
    );
    expect(stderr).toBe('');
    const { shown, code } = JSON.parse(stdout) as { shown: string; code: number };
    return { shown, code };
  }

  it('has a prompt with completion, colours, history and a way out', () => {
    const { shown, code } = converse(
      ['debug', dump],
      [
        ['kd> ', '.he\t'],
        ['.help', ' db\r'],
        ['display memory', ''],
        ['kd> ', 'nonsense\r'],
        ["there is no command 'nonsense'", ''],
        ['kd> ', '.while (1) { .echo around }\r'],
        ['around\r\naround\r\n', '\x03'],
        ['^C', ''],
        ['kd> ', '\x03'],
        ['q or Ctrl-D leaves', ''],
        ['kd> ', '\x04'],
      ],
    );
    expect(code).toBe(0);
    expect(shown).toContain('\x1b[31m');
    expect(readFileSync(join(folder, 'poolscope', 'history'), 'utf8')).toBe(
      '.help db\nnonsense\n.while (1) { .echo around }\n',
    );
    const again = converse(
      ['debug', '--no-color', dump],
      [
        ['kd> ', '\x1b[A\x1b[A'],
        ['nonsense', '\r'],
        ["there is no command 'nonsense'", ''],
        ['kd> ', 'q\r'],
      ],
    );
    expect(again.code).toBe(0);
    expect(again.shown).not.toContain('\x1b[31m');
  });
});
