import { spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExitCleanup } from './exit-cleanup.ts';

class FakeProcess extends EventEmitter {
  readonly pid = 42;
  readonly killed: unknown[] = [];

  kill(pid: number, signal?: string | number): true {
    this.killed.push([pid, signal, this.listenerCount(String(signal))]);
    return true;
  }
}

const makeCleanup = () => {
  const host = new FakeProcess();
  const cleanup = new ExitCleanup(host as unknown as NodeJS.Process);
  const done: string[] = [];
  return { host, cleanup, done, task: (name: string) => () => void done.push(name) };
};

describe('ExitCleanup', () => {
  it('does everything once on exit', () => {
    const { host, cleanup, done, task } = makeCleanup();
    cleanup.add(task('a'));
    cleanup.add(task('b'));
    host.emit('exit', 0);
    host.emit('exit', 0);
    expect(done).toEqual(['a', 'b']);
  });

  it('does not do what was taken back, and then listens to nothing', () => {
    const { host, cleanup, done, task } = makeCleanup();
    const taken = task('taken');
    cleanup.add(taken);
    cleanup.remove(taken);
    host.emit('exit', 0);
    expect(done).toEqual([]);
    expect(host.eventNames()).toEqual([]);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'])(
    'on %s does everything and lets the signal end the program',
    (signal) => {
      const { host, cleanup, done, task } = makeCleanup();
      cleanup.add(task('a'));
      host.emit(signal, signal);
      expect(done).toEqual(['a']);
      expect(host.killed).toEqual([[42, signal, 0]]);
    },
  );

  it('leaves a signal to others who listen for it', () => {
    const { host, cleanup, done, task } = makeCleanup();
    cleanup.add(task('a'));
    host.on('SIGINT', () => {});
    host.emit('SIGINT', 'SIGINT');
    expect({ done, killed: host.killed }).toEqual({ done: [], killed: [] });
    host.emit('exit', 0);
    expect(done).toEqual(['a']);
  });
});

describe.skipIf(process.platform === 'win32')('a program that ends', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'poolscope-test-'));
    const source = readFileSync(new URL('./exit-cleanup.ts', import.meta.url), 'utf8');
    const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 };
    writeFileSync(
      join(directory, 'exit-cleanup.mjs'),
      ts.transpileModule(source, { compilerOptions: options }).outputText,
    );
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  /** Runs a program that has a file to remove; says how it ended. */
  function run(
    then: string,
    signal?: NodeJS.Signals,
  ): Promise<{ code: number | null; signal: string | null; left: boolean }> {
    const file = join(directory, 'temporary');
    writeFileSync(file, 'x');
    const script = `
      import { unlinkSync } from 'node:fs';
      import { exitCleanup } from ${JSON.stringify(pathToFileURL(join(directory, 'exit-cleanup.mjs')).href)};
      exitCleanup.add(() => unlinkSync(${JSON.stringify(file)}));
      process.stdout.write('ready');
      ${then}`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child.stdout.once('data', () => signal !== undefined && child.kill(signal));
    return new Promise((resolve) => {
      child.once('exit', (code, by) => resolve({ code, signal: by, left: existsSync(file) }));
    });
  }

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('by %s leaves nothing behind', async (signal) => {
    expect(await run('setTimeout(() => {}, 60_000);', signal)).toEqual({ code: null, signal, left: false });
  });

  it('by itself, by process.exit or by an exception leaves nothing behind', async () => {
    expect(await run('')).toEqual({ code: 0, signal: null, left: false });
    expect(await run('process.exit(3);')).toEqual({ code: 3, signal: null, left: false });
    expect(await run("process.on('uncaughtException', () => process.exit(7)); throw 1;")).toEqual({
      code: 7,
      signal: null,
      left: false,
    });
  });
});
