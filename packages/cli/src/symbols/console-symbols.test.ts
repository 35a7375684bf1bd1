import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BufferSource, openSession, type Session } from '@poolscope/engine';
import { buildMachine, dumpBytes } from '@poolscope/lab';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { pdbOf } from '../../test/symbol-files.ts';
import { file, silence, TestServer } from '../../test/test-server.ts';
import { Interrupt } from '../console/interrupt.ts';
import { LogFile } from '../console/log-file.ts';
import { nodeHost } from '../console/node-host.ts';
import { Runner } from '../console/runner.ts';
import { Screen } from '../console/screen.ts';
import { ProgressLine } from '../progress-line.ts';
import { ConsoleSymbols } from './console-symbols.ts';
import { StderrReporter } from './stderr-reporter.ts';

const folder = mkdtempSync(join(tmpdir(), 'poolscope-test-'));
const at = (name: string) => join(folder, name);
const machine = buildMachine();
const dump = dumpBytes(machine, { type: 'bitmap-kernel' });
const { spec } = machine.images.list.find(({ image }) => image.spec.module === 'storfilt')!.image;
const guid = spec.pdb.guid.replaceAll('-', '').toUpperCase();
const pdb = pdbOf(guid, { age: spec.pdb.age });
const path = `storfilt.pdb/${guid}${spec.pdb.age}/storfilt.pdb`;

let server: TestServer;
let session: Session;
let symbols: ConsoleSymbols;
let written: string;
let told: string;
const interrupt = new Interrupt();

beforeAll(async () => {
  server = await TestServer.start();
  mkdirSync(at('flat'));
  writeFileSync(at('flat/storfilt.pdb'), pdb);
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  server.answers.clear();
  told = '';
  const output = {
    write: (text: string) => {
      told += text;
    },
  };
  symbols = new ConsoleSymbols({ symbols: [] }, { env: {}, reporter: new StderrReporter(output) });
  session = await openSession(new BufferSource(dump), { host: nodeHost(new LogFile(''), symbols) });
});

async function run(line: string): Promise<string> {
  written = '';
  const output = {
    write: (text: string) => {
      written += text;
      return true;
    },
    once: () => undefined,
  };
  const log = new LogFile('');
  const screen = new Screen({ output, log, progress: new ProgressLine(output), color: false });
  await new Runner(session, screen, interrupt).run(line);
  return written;
}

const kindOf = (module: string) =>
  session.system.symbols.kindOf(session.system.modules.find(({ name }) => name === module)!.base);

it('a folder that is set while a dump is open serves from the next .reload on', async () => {
  expect(await run('.reload /f')).toContain('no symbols were looked for');
  expect(await run(`.sympath ${at('flat')}`)).toContain(`Symbol search path is: ${at('flat')}\n`);
  expect(kindOf('storfilt')).not.toBe('pdb');
  expect(await run('.reload')).toContain(`storfilt: PDB symbols\n    symbols: ${at('flat/storfilt.pdb')}\n`);
  expect(await run('x storfilt!*')).toContain('storfilt!DriverEntry');
  // Another path, and what it has not is gone.
  await run('.sympath /nowhere; .echo behind it');
  expect(written).toContain('/nowhere;');
  await run('.reload');
  expect(kindOf('storfilt')).not.toBe('pdb');
  expect(await run('x storfilt!DriverEntry')).not.toContain('storfilt!DriverEntry');
  symbols.close();
});

it('a server is asked for the module that is named, and what it sends is kept', async () => {
  server.answers.set(`/${path}`, file(pdb));
  await run(`.sympath+ srv*${at('cache')}*${server.url}`);
  expect(await run('ld storfilt')).toContain(`symbols: ${join(at('cache'), path)}\n`);
  expect(server.asked).toContain(`/${path}`);
  expect(told).toContain('fetched storfilt.pdb');
  expect(await run('x storfilt!*')).toContain('storfilt!DriverEntry');
  expect(await run('.reload /f netsamp')).toContain('netsamp: no symbols\n');
  expect(kindOf('storfilt')).toBe('pdb');
  symbols.close();
});

it('Ctrl-C ends the wait for a server that never answers, and leaves all as it was', async () => {
  server.answers.set(`/${path}`, silence);
  await run(`.sympath srv*${at('silent')}*${server.url}`);
  const { system } = session;
  const asked = server.asked.length;
  const running = run('.reload; .echo not run');
  while (server.asked.length === asked)
    await new Promise((done) => {
      setTimeout(done, 5);
    });
  interrupt.ask();
  expect(await running.then(() => written)).toBe('^C\n');
  expect(session.system).toBe(system);
  expect(await run('? 1')).toContain('= 0000');
  expect(readdirSync(join(at('silent'), '.poolscope', 'parts'))).toEqual([]);
});

it('what of a path cannot be used is told, and passwords are not shown', async () => {
  expect(await run('.sympath sym*x;srv*c*https://me:secret@host/s')).toMatch(
    /path is: srv\*.*c\*https:\/\/host\/s\n {2}'sym\*x' is no symbol path/,
  );
  expect(await run('.sympath+ "/with blanks"')).toContain(';/with blanks\n');
  expect(symbols.path).not.toContain('secret');
});

it('a program that does not wait is told so', () => {
  symbols.change(at('flat'), 'replace');
  expect(() => session.execute('.reload /f')).toThrow('waiting for symbols cannot be used here');
  expect(kindOf('storfilt')).not.toBe('pdb');
});

it('a program may give another source', async () => {
  symbols.change(at('flat'), 'replace');
  const opened = symbols.open()!;
  await session.useSymbols(opened.source);
  expect(kindOf('storfilt')).toBe('pdb');
  await session.useSymbols();
  expect(kindOf('storfilt')).not.toBe('pdb');
  opened.close();
});
