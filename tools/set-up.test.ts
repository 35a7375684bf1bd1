import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/** A small workspace with the real tools, a package manager that only writes down its calls, and a compiler like it. */
const tools = fileURLToPath(new URL('.', import.meta.url));
let root: string;

const npm = `
const { appendFileSync, cpSync, existsSync, mkdirSync, rmSync, writeFileSync } = require('node:fs');
appendFileSync('calls', 'npm ' + process.argv[2] + '\\n');
rmSync('node_modules', { recursive: true, force: true });
mkdirSync('node_modules/typescript', { recursive: true });
if (existsSync('npm-fails')) { console.error('npm error: no network'); process.exit(1); }
cpSync('compiler.js', 'node_modules/typescript/tsc.js');
writeFileSync('node_modules/typescript/package.json', '{"bin":{"tsc":"tsc.js"}}');
writeFileSync('node_modules/.package-lock.json', '{"packages":{"node_modules/typescript":{"version":"6.0.3"}}}');
`;

const compiler = `
const { appendFileSync, existsSync, mkdirSync, writeFileSync } = require('node:fs');
appendFileSync('calls', 'tsc ' + process.argv[2] + '\\n');
if (existsSync('tsc-fails')) { console.log('a.ts(1,1): error TS1: wrong'); process.exit(1); }
mkdirSync('packages/a/dist', { recursive: true });
writeFileSync('packages/a/dist/.tsbuildinfo', '{}');
`;

const lockFile = '{"packages":{"":{},"node_modules/typescript":{"version":"6.0.3"}}}';

function write(path: string, text: string) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'poolscope-set-up-'));
  cpSync(tools, join(root, 'tools'), { recursive: true });
  write('npm/npm-cli.js', npm);
  write('compiler.js', compiler);
  write('package.json', '{"workspaces":["packages/*"]}');
  write('package-lock.json', lockFile);
  write('tsconfig.json', '{}');
  write('tsconfig.base.json', '{}');
  write('packages/a/package.json', '{"name":"a"}');
  write('packages/a/tsconfig.json', '{}');
  write('packages/a/src/index.ts', 'export {};');
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Runs a tool of the copy. */
function run(args: readonly string[], options: readonly string[] = []) {
  const env = { ...process.env, npm_execpath: join(root, 'npm', 'npm-cli.js') };
  const child = spawn(process.execPath, [...options, ...args], { cwd: root, env });
  let errors = '';
  child.stderr.on('data', (text) => (errors += String(text)));
  return new Promise<{ code: number | null; errors: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, errors }));
  });
}

const setUp = () => run(['tools/set-up.mjs']);

/** What was called since the last look. */
function calls(): string[] {
  const path = join(root, 'calls');
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  rmSync(path);
  return lines;
}

describe('set-up', () => {
  it('installs and builds at first, and has nothing to do or to say afterwards', async () => {
    const first = await setUp();
    expect(first).toEqual({ code: 0, errors: expect.stringMatching(/^installing .*\nbuilding \.\.\.\n$/) });
    expect(calls()).toEqual(['npm ci', 'tsc -b']);
    expect(await setUp()).toEqual({ code: 0, errors: '' });
    expect(calls()).toEqual([]);
  });

  it('only builds when a source has changed, and does not when a test has', async () => {
    await setUp();
    calls();
    write('packages/a/src/index.ts', 'export const a = 1;');
    await setUp();
    expect(calls()).toEqual(['tsc -b']);
    write('packages/a/src/index.test.ts', 'test');
    await setUp();
    expect(calls()).toEqual([]);
  });

  it('builds again when the output is gone', async () => {
    await setUp();
    calls();
    rmSync(join(root, 'packages/a/dist'), { recursive: true });
    await setUp();
    expect(calls()).toEqual(['tsc -b']);
  });

  it('installs when a package asks for something else, not when its scripts change', async () => {
    await setUp();
    calls();
    write('package.json', '{"workspaces":["packages/*"],"scripts":{"x":"y"}}');
    await setUp();
    expect(calls()).toEqual([]);
    write('packages/a/package.json', '{"name":"a","dependencies":{"b":"1.0.0"}}');
    await setUp();
    expect(calls()).toEqual(['npm ci', 'tsc -b']);
  });

  it('takes over what a plain npm ci installed', async () => {
    await run(['npm/npm-cli.js', 'ci']);
    calls();
    await setUp();
    expect(calls()).toEqual(['tsc -b']);
  });

  it('shows the output of a failed installation and what to do, and installs again the next time', async () => {
    await setUp();
    calls();
    write('package-lock.json', `${lockFile}\n`);
    write('npm-fails', '');
    const failed = await setUp();
    expect(failed.code).toBe(1);
    expect(failed.errors).toMatch(/npm error: no network\nnpm could not install/);
    expect(calls()).toEqual(['npm ci']);
    rmSync(join(root, 'npm-fails'));
    expect((await setUp()).code).toBe(0);
    expect(calls()).toEqual(['npm ci', 'tsc -b']);
  });

  it('shows the errors of a failed build and what to do, and builds again the next time', async () => {
    write('tsc-fails', '');
    const failed = await setUp();
    expect(failed.code).toBe(1);
    expect(failed.errors).toMatch(/error TS1: wrong\nthe build failed/);
    rmSync(join(root, 'tsc-fails'));
    calls();
    expect((await setUp()).code).toBe(0);
    expect(calls()).toEqual(['tsc -b']);
  });

  it('is done once when several start at the same time', async () => {
    const results = await Promise.all([setUp(), setUp(), setUp()]);
    expect(results.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(calls()).toEqual(['npm ci', 'tsc -b']);
  });

  it('does not wait for a process that is gone', async () => {
    const gone = await new Promise<number>((resolve) => {
      const child = spawn(process.execPath, ['-e', '']);
      child.on('close', () => resolve(child.pid ?? 0));
    });
    write('.stamp/lock/owner', JSON.stringify({ token: 'gone', pid: gone, host: hostname() }));
    const results = await Promise.all([setUp(), setUp()]);
    expect(results.map(({ code }) => code)).toEqual([0, 0]);
    expect(calls()).toEqual(['npm ci', 'tsc -b']);
    expect(existsSync(join(root, '.stamp/lock'))).toBe(false);
  });

  it('refuses an old Node in one line', async () => {
    write('old.cjs', "Object.defineProperty(process, 'versions', { value: { node: '18.20.4' } });");
    for (const tool of ['set-up', 'start', 'check']) {
      const { code, errors } = await run([`tools/${tool}.mjs`], ['--require', './old.cjs']);
      expect(code).toBe(1);
      expect(errors).toMatch(/^poolscope needs Node 20 or newer, and this is Node 18\.20\.4: .*\n$/);
    }
    expect(calls()).toEqual([]);
  });
});

describe('start', () => {
  beforeEach(() => {
    cpSync(join(tools, '../packages/cli/bin'), join(root, 'packages/cli/bin'), { recursive: true });
  });

  it('runs the command line with the arguments, or the demonstration, and passes its exit code on', async () => {
    write(
      'packages/cli/dist/main.js',
      'process.stderr.write(process.argv.slice(2).join()); process.exitCode = 7;',
    );
    await setUp();
    expect(await run(['tools/start.mjs', 'analyze', 'x.dmp'])).toEqual({ code: 7, errors: 'analyze,x.dmp' });
    expect(await run(['tools/start.mjs'])).toEqual({ code: 7, errors: 'demo' });
  });

  it('says in one line what to do where nothing has been built', async () => {
    const { code, errors } = await run(['packages/cli/bin/poolscope.mjs']);
    expect(code).toBe(2);
    expect(errors).toMatch(/^poolscope is not built yet: run "npm start" .*\n$/);
  });
});
