import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SymbolRequest } from '@poolscope/engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasShared, sharedBytes } from '../../../../test/shared-files.ts';
import { cabinetOf, guid, otherGuid, pdbOf, request } from '../../test/symbol-files.ts';
import { file, type Handler, half, inTurn, silence, status, TestServer } from '../../test/test-server.ts';
import { NodeSymbolSource, type SourceOptions } from './node-symbol-source.ts';
import { parseSymbolPath } from './symbol-path.ts';

let folder: string;
let server: TestServer;
let source: NodeSymbolSource;
const told: string[] = [];
const problems: string[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'poolscope-test-'));
  server = await TestServer.start();
  told.length = 0;
  problems.length = 0;
  source = openSource();
});
afterEach(async () => {
  source.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const cache = () => join(folder, 'cache');

function openSource(path = `srv*${cache()}*${server.url}/sym`, more: Partial<SourceOptions> = {}) {
  const { elements } = parseSymbolPath(path, { defaultCache: undefined });
  return new NodeSymbolSource({
    elements,
    reporter: {
      progress() {},
      fetched: (what) => told.push(`fetched ${what}`),
      problem: (text) => told.push(text.replaceAll(server.url, 'URL')),
    },
    server: { delays: [1, 1], patience: 3000 },
    ...more,
  });
}

const pdb = pdbOf(guid);
const base = `/sym/sample.pdb/${guid}1`;
const stored = () => join(cache(), 'sample.pdb', `${guid}1`, 'sample.pdb');
const answer = (handler: Handler, name = 'sample.pdb') => server.answers.set(`${base}/${name}`, handler);
const find = async (of: SymbolRequest = request()) => {
  try {
    return (await source.find(of, 'pdb'))?.location;
  } catch (error) {
    problems.push((error as Error).message);
    return undefined;
  }
};
const reasons = () =>
  source.log
    .of('sample')
    .map(({ why }) => why)
    .filter((why) => why !== undefined);
/** Every file below the cache, without what it remembers. */
const files = () =>
  (readdirSync(cache(), { recursive: true, withFileTypes: true }) as { isFile(): boolean; name: string }[])
    .filter((entry) => entry.isFile() && !/^[0-9a-f]{40}$/.test(entry.name))
    .map(({ name }) => name);

describe('a symbol server', () => {
  it('gives a file, which is in the cache from then on', async () => {
    answer(file(pdb));
    expect(await find()).toBe(stored());
    expect(told).toEqual(['fetched sample.pdb']);
    source = openSource();
    expect(await find()).toBe(stored());
    expect(server.asked).toEqual([`${base}/sample.pdb`]);
    expect(files()).toEqual(['sample.pdb']);
  });

  it('gives a packed file, which is kept unpacked', async () => {
    answer(file(cabinetOf('sample.pdb', pdb)), 'sample.pd_');
    expect(await find()).toBe(stored());
    expect(statSync(stored()).size).toBe(pdb.length);
  });

  it('is asked for all its forms, and then not again for a while', async () => {
    expect(await find()).toBeUndefined();
    const forms = ['sample.pdb', 'sample.pd_', 'file.ptr'].map((name) => `${base}/${name}`);
    expect(server.asked).toEqual(forms);
    source = openSource();
    expect(await find()).toBeUndefined();
    expect(server.asked).toHaveLength(3);
    expect(reasons()).toEqual([expect.stringContaining('when it was asked before')]);
    source = openSource(undefined, { server: { askAgain: true } });
    answer(file(pdb));
    expect(await find()).toBe(stored());
  });

  it('is asked again after a day', async () => {
    await find();
    const missing = join(cache(), '.poolscope', 'missing');
    const old = Date.now() / 1000 - 25 * 3600;
    for (const name of readdirSync(missing)) utimesSync(join(missing, name), old, old);
    answer(file(pdb));
    source = openSource();
    expect(await find()).toBe(stored());
  });

  it('is tried again after an error', async () => {
    answer(inTurn(status(500), file(pdb)));
    expect(await find()).toBe(stored());
  });

  it.each<[string, Handler, string]>([
    ['a web page', file(Buffer.from('<!doctype html><html>log in</html>')), 'it is a web page'],
    ['another PDB', file(pdbOf(otherGuid)), 'the image wants'],
    ['a half file that says to be whole', file(pdb.subarray(0, pdb.length - 700)), 'program database'],
    ['half files', half(pdb, 700, {}), 'the connection broke off'],
    ['errors', status(500), 'it answers 500'],
    ['something else', file(Buffer.from('hello')), 'no readable program database'],
    ['a refusal', status(403), 'it answers 403'],
  ])('that sends %s serves nothing, and the cache stays clean', async (_name, handler, words) => {
    answer(handler);
    expect(await find()).toBeUndefined();
    expect(reasons()).toEqual([expect.stringContaining(words)]);
    expect(problems).toEqual([expect.stringMatching(/^(what )?the symbol server /)]);
    expect(problems[0]).not.toContain(server.url);
    expect(files()).toEqual([]);
    answer(file(pdb));
    source = openSource();
    expect(await find()).toBe(stored());
  });

  it('that never answers is asked once', async () => {
    answer(silence);
    source = openSource(undefined, { server: { patience: 50 } });
    expect(await find()).toBeUndefined();
    const other = request({ module: 'other', base: 1n, pdb: { name: 'other.pdb', guid: otherGuid, age: 1 } });
    expect(await find(other)).toBeUndefined();
    expect(server.asked).toHaveLength(1);
    expect(told).toEqual(['URL/sym is not asked any more: it does not answer']);
    expect(source.log.of('other').at(-1)).toMatchObject({ outcome: 'failed' });
  });

  it('says where else the file is, which is not followed', async () => {
    const path = join(folder, 'secret.pdb');
    writeFileSync(path, pdb);
    answer(file(Buffer.from(`PATH:${path}`)), 'file.ptr');
    expect(await find()).toBeUndefined();
    expect(reasons()).toEqual([`the server says: it is at ${path}, which is not followed`]);
  });

  it('gives images by time stamp and size', async () => {
    await source.find(request({ pdb: undefined }), 'image');
    expect(server.asked[0]).toBe('/sym/sample.sys/6359A0006000/sample.sys');
  });

  it.each<[string, Partial<SymbolRequest>, 'pdb' | 'image']>([
    ['modules that are not on the stack', { need: 'loaded' }, 'pdb'],
    ['images that the dump tells enough of', {}, 'image'],
  ])('is not asked for %s', async (_name, more, kind) => {
    expect(await source.find(request(more), kind)).toBeUndefined();
    expect(server.asked).toEqual([]);
    expect(source.log.of('sample').at(-1)?.outcome).toBe('skipped');
  });

  it('is not asked for names that are none', async () => {
    expect(await find(request({ pdb: { name: '../../x.pdb', guid, age: 1 } }))).toBeUndefined();
    expect(server.asked).toEqual([]);
  });

  it('is not asked offline', async () => {
    answer(file(pdb));
    source = openSource(undefined, { isOffline: true });
    expect(await find()).toBeUndefined();
    expect(server.asked).toEqual([]);
    expect(source.placesFor(request(), 'pdb')).toEqual([`${server.url}${base}/sample.pdb`]);
  });

  it('fills caches that several use at once', async () => {
    answer(file(pdb));
    const sources = Array.from({ length: 8 }, () => openSource());
    const found = await Promise.all(sources.map((each) => each.find(request(), 'pdb')));
    for (const each of found) expect(each?.location).toBe(stored());
    for (const each of sources) each.close();
    expect(files()).toEqual(['sample.pdb']);
  });

  it('keeps the form of the cache', async () => {
    mkdirSync(cache());
    writeFileSync(join(cache(), 'index2.txt'), '');
    answer(file(pdb));
    expect(await find()).toBe(join(cache(), 'sa', 'sample.pdb', `${guid}1`, 'sample.pdb'));
  });

  it('does not keep parts that others left behind', async () => {
    const parts = join(cache(), '.poolscope', 'parts');
    mkdirSync(parts, { recursive: true });
    for (const name of ['old', 'new']) writeFileSync(join(parts, name), 'x');
    const old = Date.now() / 1000 - 25 * 3600;
    utimesSync(join(parts, 'old'), old, old);
    answer(file(pdb));
    await find();
    expect(readdirSync(parts)).toEqual(['new']);
  });

  it('needs a cache that can be written', async () => {
    writeFileSync(cache(), 'a file');
    answer(file(pdb));
    expect(await find()).toBeUndefined();
    expect(reasons()).toEqual([expect.stringContaining('cannot be written')]);
  });

  it('keeps its query, and shows none of it', async () => {
    server.answers.set(`${base}/sample.pdb?key=secret`, file(pdb));
    source = openSource(`srv*${cache()}*${server.url}/sym?key=secret`);
    expect(await find()).toBe(stored());
    expect(JSON.stringify(source.log.of('sample')) + source.path).not.toContain('secret');
  });
});

describe('a chain of stores', () => {
  it('copies what a farther one has into those before it', async () => {
    const far = join(folder, 'far');
    mkdirSync(join(far, 'sample.pdb', `${guid}1`), { recursive: true });
    writeFileSync(join(far, 'sample.pdb', `${guid}1`, 'sample.pdb'), pdb);
    source = openSource(`srv*${cache()}*${join(folder, 'middle')}*${far}`);
    expect(await find()).toBe(stored());
    for (const name of ['cache', 'middle'])
      expect(statSync(join(folder, name, 'sample.pdb', `${guid}1`, 'sample.pdb')).size).toBe(pdb.length);
  });

  it('fills all caches from a server', async () => {
    answer(file(pdb));
    source = openSource(`cache*${cache()};srv*${join(folder, 'near')}*${server.url}/sym`);
    expect(await find()).toBe(stored());
    expect(statSync(join(folder, 'near', 'sample.pdb', `${guid}1`, 'sample.pdb')).size).toBe(pdb.length);
  });
});

describe.skipIf(!hasShared)('real files', () => {
  it('come from a server, as they are and packed', async () => {
    const packed = sharedBytes('pdbs/misc/basic32.pd_');
    const { unpackCabinet, identifySymbolFile, BufferSource } = await import('@poolscope/engine');
    const { source: unpacked } = await unpackCabinet(new BufferSource(packed));
    const identity = identifySymbolFile(unpacked, 'basic32.pdb')!;
    const { pdb: wanted, machine } = identity;
    const path = `/sym/basic32.pdb/${wanted!.guid}${wanted!.age.toString(16)}`;
    server.answers.set(`${path}/basic32.pd_`, inTurn(half(packed, 500_000), file(packed)));
    const found = await source.find(request({ machine: machine!, pdb: wanted! }), 'pdb');
    expect(found?.source.size).toBe(6_590_464);
    expect(server.asked).toHaveLength(3);
  });
});
