import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildMachine, dumpBytes } from '@poolscope/lab';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cabinetOf, pdbOf } from '../../packages/cli/test/symbol-files.ts';
import { file, TestServer } from '../../packages/cli/test/test-server.ts';
import { hasShared, sharedPath } from '../shared-files.ts';
import { noSymbolPath, type Outcome, programPath } from './run-poolscope.ts';

const folder = mkdtempSync(join(tmpdir(), 'poolscope-test-'));
const at = (name: string) => join(folder, name);
let server: TestServer;

const machine = buildMachine();
const driver = machine.images.list.find(({ image }) => image.spec.module === 'storfilt')!.image;
const guid = driver.spec.pdb.guid.replaceAll('-', '').toUpperCase();
const path = `storfilt.pdb/${guid}${driver.spec.pdb.age}/storfilt.pdb`;
const pdb = pdbOf(guid, { age: driver.spec.pdb.age });

beforeAll(async () => {
  server = await TestServer.start();
  writeFileSync(at('kernel.dmp'), dumpBytes(machine, { type: 'bitmap-kernel' }));
  writeFileSync(at('small.dmp'), dumpBytes(machine, { type: 'triage' }));
  mkdirSync(at('flat'));
  writeFileSync(at('flat/storfilt.pdb'), pdb);
  server.answers.set(`/${path}`, file(pdb));
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs beside the server of this test, which has to answer meanwhile. */
function run(args: readonly string[], symbolPath = '', stopWhen?: () => boolean): Promise<Outcome> {
  const env = {
    ...process.env,
    ...noSymbolPath,
    NO_COLOR: '1',
    _NT_SYMBOL_PATH: symbolPath,
    XDG_CACHE_HOME: at('home'),
  };
  const child = spawn(process.execPath, [programPath, ...args], { env });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text;
    });
  const timer = setInterval(() => {
    if (stopWhen?.() === true) child.kill('SIGINT');
  }, 20);
  return new Promise((done) => {
    child.on('close', (code) => {
      clearInterval(timer);
      done({ code, ...texts });
    });
  });
}

interface Entry {
  readonly module: string;
  readonly symbols: string;
  readonly files: readonly { readonly kind: string; readonly path: string }[];
  readonly places: readonly string[];
}
const entryOf = ({ stdout }: Outcome, module: string): Entry =>
  (JSON.parse(stdout) as Entry[]).find((entry) => entry.module === module)!;

describe('poolscope symbols list', () => {
  it('tells what serves each module, and where the rest would be', async () => {
    const { code, stdout, stderr } = await run([
      'symbols',
      'list',
      at('kernel.dmp'),
      '--symbols',
      at('flat'),
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^storfilt +pdb +storfilt\.pdb\/[0-9A-F]{33}$/m);
    expect(stdout).toContain(`pdb ${at('flat/storfilt.pdb')}: GUID`);
    expect(stdout).toContain(`would be ${at('flat/netsamp.pdb/')}`);
    expect(stdout).toMatch(/^1 of 5 modules have symbols\.$/m);
  });

  it('prints JSON, and asks no server', async () => {
    const outcome = await run(
      ['symbols', 'list', at('kernel.dmp'), '--json'],
      `srv*${at('cache')}*${server.url}`,
    );
    expect(entryOf(outcome, 'storfilt')).toMatchObject({
      symbols: 'none',
      pdb: { name: 'storfilt.pdb', guid, age: 1 },
      files: [],
      places: [`${server.url}/${path}`],
    });
    const { stdout } = await run(['symbols', 'list', at('kernel.dmp')], `srv*${at('cache')}*${server.url}`);
    expect(stdout).toContain(`would be ${server.url}/${path}`);
    expect(server.asked).toEqual([]);
    expect(existsSync(at('cache'))).toBe(false);
  });

  it('says that nothing is set', async () => {
    const { code, stdout, stderr } = await run(['symbols', 'list', at('small.dmp')]);
    expect(code).toBe(0);
    expect(stderr).toContain('no place for symbols is set');
    expect(stdout).toContain('(its PDB is not in the dump)');
  });

  it('says what of a path cannot be used', async () => {
    const { code, stderr } = await run(['symbols', 'list', at('small.dmp')], 'sym*/x;srv*/y*ftp://z');
    expect(code).toBe(0);
    expect(stderr).toContain("_NT_SYMBOL_PATH: 'sym*/x' is no symbol path");
    expect(stderr).toContain("'ftp://z' is no http or https address");
  });

  it('ends with 1 for a file that is no dump, and with 2 without one', async () => {
    expect((await run(['symbols', 'list', at('flat/storfilt.pdb')])).code).toBe(1);
    expect((await run(['symbols', 'list'])).code).toBe(2);
    expect((await run(['symbols'])).code).toBe(2);
    expect((await run(['symbols', 'frobnicate'])).code).toBe(2);
  });
});

describe('poolscope symbols fetch', () => {
  it('fetches into the cache, and then it is there', async () => {
    const symbolPath = `srv*${at('fetched')}*${server.url}`;
    const first = await run(['symbols', 'fetch', at('kernel.dmp'), '--json', 'STORFILT.sys'], symbolPath);
    expect(first.code).toBe(0);
    expect(first.stderr).toBe(
      `poolscope: fetched storfilt.pdb (${Math.ceil(pdb.length / 1000)} KB) from ${server.url}/\n`,
    );
    expect(entryOf(first, 'storfilt')).toMatchObject({
      symbols: 'pdb',
      files: [{ kind: 'pdb', path: join(at('fetched'), path) }],
    });
    expect(server.asked.every((asked) => asked.includes('storfilt'))).toBe(true);
    const asked = server.asked.length;
    const then = await run(['symbols', 'list', at('kernel.dmp'), '--json'], symbolPath);
    expect(entryOf(then, 'storfilt').symbols).toBe('pdb');
    expect(server.asked).toHaveLength(asked);
  });

  it('fills one cache from several processes at once', async () => {
    const args = ['symbols', 'fetch', at('kernel.dmp'), '--json', 'storfilt'];
    const symbolPath = `srv*${at('shared')}*${server.url}`;
    const outcomes = await Promise.all([1, 2, 3].map(() => run(args, symbolPath)));
    for (const outcome of outcomes) expect(entryOf(outcome, 'storfilt').symbols).toBe('pdb');
    expect(readdirSync(join(at('shared'), '.poolscope', 'parts'))).toEqual([]);
    expect(readFileSync(join(at('shared'), path)).equals(pdb)).toBe(true);
  });

  it('ends with 2 where the dump has no such module', async () => {
    const { code, stderr } = await run(
      ['symbols', 'fetch', at('kernel.dmp'), 'nosuch'],
      `srv*${at('x')}*${server.url}`,
    );
    expect(code).toBe(2);
    expect(stderr).toContain('the dump has no module nosuch');
  });

  it('goes on without a server', async () => {
    const gone = await TestServer.start();
    const { url } = gone;
    await gone.stop();
    const { code, stdout, stderr } = await run(
      ['symbols', 'fetch', at('kernel.dmp')],
      `srv*${at('y')}*${url}/sym`,
    );
    expect(code).toBe(0);
    expect(stderr).toBe(`poolscope: ${url}/sym is not asked any more: it refuses connections\n`);
    expect(stdout).toContain('0 of 5 modules have symbols.');
  });

  it.skipIf(process.platform === 'win32')('leaves no half files when it is stopped', async () => {
    const slow = await TestServer.start();
    slow.answers.set(`/${path}`, (_request, response) => {
      response.writeHead(200, { 'content-length': pdb.length });
      response.write(pdb.subarray(0, 1500));
    });
    const parts = join(at('stopped'), '.poolscope', 'parts');
    const isUnderWay = () => existsSync(parts) && readdirSync(parts).length > 0;
    const { code } = await run(
      ['symbols', 'fetch', at('kernel.dmp'), 'storfilt'],
      `srv*${at('stopped')}*${slow.url}`,
      isUnderWay,
    );
    await slow.stop();
    expect(code).not.toBe(0);
    expect(new Set(readdirSync(at('stopped'), { recursive: true, encoding: 'utf8' }))).toEqual(
      new Set(['.poolscope', '.poolscope/parts']),
    );
  });
});

describe('--symbols and _NT_SYMBOL_PATH', () => {
  it.each(['analyze', 'debug'])('serve %s', async (command) => {
    const more = command === 'debug' ? ['-c', 'lm'] : ['--json'];
    const { code, stdout, stderr } = await run([command, at('kernel.dmp'), ...more, '--symbols', at('flat')]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(command === 'debug' ? /storfilt .*pdb symbols/ : /"symbols": "pdb"/);
  });

  it('are told on stderr when asked', async () => {
    const args = ['analyze', at('kernel.dmp'), '--symbols', at('flat'), '--verbose'];
    const { stderr } = await run(args);
    expect(stderr).toContain(`storfilt: pdb ${at('flat/storfilt.pdb')}: found`);
    expect(stderr).toMatch(/netsamp: pdb .*: not there/);
  });

  it('name a server', async () => {
    const args = ['analyze', at('kernel.dmp'), '--json', '--symbols', `srv*${at('option')}*${server.url}`];
    const { code, stdout } = await run(args);
    expect(code).toBe(0);
    expect(stdout).toContain('"symbols": "pdb"');
  });

  it('name a server that has the image, which tells the PDB where a small dump does not', async () => {
    const { timeDateStamp, name } = driver.spec;
    const key = timeDateStamp.toString(16).toUpperCase().padStart(8, '0') + driver.size.toString(16);
    server.answers.set(`/${name}/${key}/${name}`, file(driver.fileBytes()));
    const symbolPath = `srv*${at('small')}*${server.url}`;
    const { stderr } = await run(['analyze', at('small.dmp')], symbolPath);
    expect(stderr).toContain('fetched storfilt.sys');
    expect(stderr).toContain('fetched storfilt.pdb');
    const listed = await run(['symbols', 'list', at('small.dmp'), '--json'], symbolPath);
    expect(entryOf(listed, 'storfilt')).toMatchObject({
      symbols: 'pdb',
      files: [{ kind: 'image' }, { kind: 'pdb' }],
    });
  });

  it('that lead to a wrong file are told under what is missing', async () => {
    const { pdb: wanted } = machine.images.list.find(({ image }) => image.spec.module === 'nt')!.image.spec;
    const key = wanted.guid.replaceAll('-', '').toUpperCase() + wanted.age;
    mkdirSync(at(`wrong/${wanted.name}/${key}`), { recursive: true });
    writeFileSync(at(`wrong/${wanted.name}/${key}/${wanted.name}`), pdb);
    const { code, stdout } = await run(['analyze', at('kernel.dmp'), '--json', '--symbols', at('wrong')]);
    expect(code).toBe(0);
    const { missing } = JSON.parse(stdout) as { missing: { what: string; why: string }[] };
    expect(missing.find(({ what }) => what === 'symbols for nt')?.why).toMatch(
      /^the file found for it is refused: it is of PDB .*; names come from its export table only$/,
    );
    expect(stdout).not.toContain(at('wrong'));
  });

  it('that lead nowhere are no error', async () => {
    const { code, stdout, stderr } = await run(['analyze', at('kernel.dmp'), '--symbols', at('nowhere')]);
    expect(code).toBe(0);
    expect(stdout).toContain('SYSTEM_SERVICE_EXCEPTION');
    expect(stderr).toBe(`poolscope: ${at('nowhere')}: there is no such folder\n`);
  });
});

describe('poolscope symbols pack', () => {
  it('makes a profile that serves instead of the PDB', async () => {
    mkdirSync(at('packed'));
    const out = at('packed/storfilt.json');
    const packed = await run(['symbols', 'pack', at('flat/storfilt.pdb'), '--out', out, '--all-names']);
    expect(packed).toMatchObject({ code: 0, stderr: '' });
    expect(packed.stdout).toContain(`${readFileSync(out).length} bytes for storfilt.pdb ${guid}-1 (x64)`);
    const listed = await run(['symbols', 'list', at('kernel.dmp'), '--json', '--symbols', at('packed')]);
    expect(entryOf(listed, 'storfilt').symbols).toBe('profile');
  });

  it('takes a PDB that is packed as stores pack it', async () => {
    writeFileSync(at('storfilt.pd_'), cabinetOf('storfilt.pdb', pdb));
    const out = at('from-packed.json');
    expect((await run(['symbols', 'pack', at('storfilt.pd_'), '--out', out, '--all-names'])).code).toBe(0);
    expect(JSON.parse(readFileSync(out, 'utf8'))).toMatchObject({ pdb: { name: 'storfilt.pdb', guid } });
  });

  it('knows the time stamp and size of an image', async () => {
    writeFileSync(at('storfilt.sys'), driver.fileBytes());
    mkdirSync(at('stamped'));
    const out = at('stamped/storfilt.json');
    const args = ['symbols', 'pack', at('flat/storfilt.pdb'), '--out', out, '--all-names', '--image'];
    expect((await run([...args, at('storfilt.sys')])).code).toBe(0);
    expect(JSON.parse(readFileSync(out, 'utf8'))).toMatchObject({
      timestamp: driver.spec.timeDateStamp,
      size: driver.size,
    });
    expect((await run([...args, at('kernel.dmp')])).code).toBe(1);
  });

  it('refuses what is none, and to write over it', async () => {
    const none = await run(['symbols', 'pack', at('kernel.dmp'), '--out', at('none.json')]);
    expect(none.code).toBe(1);
    expect(existsSync(at('none.json'))).toBe(false);
    const same = await run(['symbols', 'pack', at('flat/storfilt.pdb'), '--out', at('flat/storfilt.pdb')]);
    expect(same.code).toBe(1);
    expect(readFileSync(at('flat/storfilt.pdb')).length).toBe(pdb.length);
    expect((await run(['symbols', 'pack', at('flat/storfilt.pdb')])).code).toBe(2);
  });

  it.skipIf(!hasShared)('packs a real ISF file so that it serves the same dump', async () => {
    mkdirSync(at('real'));
    const out = at('real/nt.json');
    const isf = sharedPath('symbols/isf/79BE8C368BEC7DD9677EA9B355ACE784-1.json.xz');
    expect((await run(['symbols', 'pack', isf, '--out', out])).code).toBe(0);
    const dump = sharedPath('dumps/ojusha-help_100623-4953-01.dmp');
    const listed = await run(['symbols', 'list', dump, '--json', '--symbols', at('real')]);
    expect(entryOf(listed, 'nt').symbols).toBe('profile');
  });
});
