import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { SymbolFileKind, SymbolRequest } from '@poolscope/engine';
import { buildMachine } from '@poolscope/lab';
import { gzipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasShared, sharedPath } from '../../../../test/shared-files.ts';
import { isfBytes } from '../../../engine/test/symbol-files.ts';
import { cabinetOf, guid, otherGuid, pdbOf, request } from '../../test/symbol-files.ts';
import { NodeSymbolSource } from './node-symbol-source.ts';

let folder: string;
let source: NodeSymbolSource;
const problems: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'poolscope-test-'));
  problems.length = 0;
  refusals.length = 0;
  source = openSource(folder);
});
afterEach(() => {
  source.close();
  rmSync(folder, { recursive: true, force: true });
});

const openSource = (path: string, more: object = {}) =>
  new NodeSymbolSource({
    elements: [{ kind: 'folder', path }],
    reporter: { progress() {}, fetched() {}, problem: (text) => problems.push(text) },
    ...more,
  });

function put(path: string, bytes: Uint8Array | string): string {
  const whole = join(folder, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, bytes);
  return whole;
}

const refusals: string[] = [];
const find = async (kind: SymbolFileKind = 'pdb', of: SymbolRequest = request()) => {
  try {
    return (await source.find(of, kind))?.location;
  } catch (error) {
    refusals.push((error as Error).message);
    return undefined;
  }
};
const reasons = () =>
  source.log
    .of('sample')
    .map(({ why }) => why)
    .filter((why) => why !== undefined);

const key = `${guid}1`;
const pdb = pdbOf(guid);

describe('a folder with symbols', () => {
  it.each([
    ['a flat folder', 'sample.pdb'],
    ['folders in folders', 'a/b/c/sample.pdb'],
    ['a symbol store', `sample.pdb/${key}/sample.pdb`],
    ['a symbol store in letters of another case', `SAMPLE.PDB/${key.toLowerCase()}/Sample.pdb`],
    ['a symbol store in a folder', `store/sample.pdb/${key}/sample.pdb`],
    ['a file of another name', 'renamed.pdb'],
  ])('finds a PDB in %s', async (_name, path) => {
    const whole = put(path, pdb);
    put('other.pdb', pdbOf(otherGuid));
    expect(await find()).toBe(whole);
    expect(reasons()).toEqual([]);
  });

  it('takes a file for a folder with that file', async () => {
    const path = put('sample.pdb', pdb);
    source = openSource(path);
    expect(await find()).toBe(path);
    expect(source.placesFor(request(), 'pdb')).toEqual([]);
  });

  it('finds a PDB in a store of two tiers', async () => {
    put('index2.txt', '');
    const path = put(`sa/sample.pdb/${key}/sample.pdb`, pdb);
    expect(await find()).toBe(path);
    expect(source.placesFor(request(), 'pdb')).toEqual([path]);
  });

  it.each(['sample.pd_', `sample.pdb/${key}/sample.pd_`])('unpacks %s', async (path) => {
    const whole = put(path, cabinetOf('sample.pdb', pdb));
    const found = await source.find(request(), 'pdb');
    expect(found?.location).toBe(whole);
    const bytes = new Uint8Array(found!.source.size);
    found!.source.readInto(0, bytes);
    expect(Buffer.compare(bytes, pdb)).toBe(0);
  });

  it('follows a pointer to a file', async () => {
    const path = put('elsewhere/kept.bin', pdb);
    put(`sample.pdb/${key}/file.ptr`, `PATH:${path}\r\n`);
    expect(await find()).toBe(path);
  });

  it.each([
    ['MSG: not for you', 'the store says: not for you'],
    ['PATH:\\\\server\\share\\sample.pdb', 'a path of Windows'],
    ['', 'cannot be read'],
    ['PATH:/nowhere/sample.pdb', 'no such file'],
  ])('says what comes of the pointer %j', async (text, words) => {
    put(`sample.pdb/${key}/file.ptr`, text);
    expect(await find()).toBeUndefined();
    expect(reasons()).toEqual([expect.stringContaining(words)]);
  });

  it.each([
    ['of another PDB', pdbOf(otherGuid), 'the image wants'],
    ['of another age', pdbOf(guid, { age: 2 }), 'age 2'],
    ['for another machine', pdbOf(guid, { machine: 0x14c }), 'it is for x86'],
    ['that is cut off', pdb.subarray(0, pdb.length - 512), 'program database'],
    ['that is a web page', Buffer.from('<!DOCTYPE html><html>'), 'it is a web page'],
    ['that is empty', new Uint8Array(0), 'is empty'],
    ['that is something else', Buffer.from('hello'), 'no readable program database'],
  ])('refuses a file %s, and says why', async (_name, bytes, words) => {
    put(`sample.pdb/${key}/sample.pdb`, bytes);
    expect(await find()).toBeUndefined();
    expect(reasons()).toContainEqual(expect.stringContaining(words));
    expect(refusals).toEqual([expect.stringMatching(/^the file found for it is refused: /)]);
    expect(refusals[0]).not.toContain(folder);
  });

  it('goes on to a file that fits', async () => {
    put(`sample.pdb/${key}/sample.pdb`, pdbOf(otherGuid));
    const path = put('z/sample.pdb', pdb);
    expect(await find()).toBe(path);
  });

  it.each(['x.json', 'x.json.gz', `${guid}-1.json`])(
    'finds the ISF file %s by what is in it',
    async (name) => {
      const bytes = isfBytes({ guid, database: 'sample.pdb', symbols: { DriverEntry: 0x1020 } });
      put('other.json', isfBytes({ guid: otherGuid }));
      put('no.json', '{"name": "package"}');
      const path = put(name, name.endsWith('gz') ? gzipSync(bytes) : bytes);
      expect(await find('isf')).toBe(path);
      expect(await find('pdb')).toBeUndefined();
    },
  );

  it('finds an image by its time stamp and size, whatever it is called', async () => {
    const { image } = buildMachine().images.list.find((each) => each.image.spec.module === 'storfilt')!;
    const of = request({ image: 'storfilt.sys', timestamp: image.spec.timeDateStamp, size: image.size });
    const path = put('driver.bin.sys', image.fileBytes());
    expect(await find('image', of)).toBe(path);
    source.close();
    expect(await find('image', { ...of, size: image.size + 0x1000 })).toBeUndefined();
  });

  it('looks for images in their own folders too', async () => {
    const { image } = buildMachine().images.list.find((each) => each.image.spec.module === 'storfilt')!;
    const of = request({ image: 'storfilt.sys', timestamp: image.spec.timeDateStamp, size: image.size });
    const path = put('images/storfilt.sys', image.fileBytes());
    source = openSource(join(folder, 'none'), { imageFolders: [join(folder, 'images')] });
    expect(await find('image', of)).toBe(path);
    expect(problems).toEqual([`${join(folder, 'none')}: there is no such folder`]);
  });

  it('serves one dump after the other', async () => {
    const path = put('sample.pdb', pdb);
    for (let round = 0; round < 2; round++) {
      const found = await source.find(request(), 'pdb');
      expect(found!.source.readInto(0, new Uint8Array(4))).toBe(4);
      expect(found!.location).toBe(path);
      source.close();
      expect(() => found!.source.readInto(0, new Uint8Array(4))).toThrow('closed');
    }
  });

  it.skipIf(process.platform === 'win32')('is not led in circles by links', async () => {
    symlinkSync(folder, join(folder, 'again'));
    const path = put('sample.pdb', pdb);
    expect(await find()).toBe(path);
  });

  it('says that it does not look further down', async () => {
    put('1/2/3/4/5/6/7/sample.pdb', pdb);
    expect(await find()).toBeUndefined();
    expect(problems).toEqual([expect.stringContaining('levels down')]);
  });
});

describe('candidates', () => {
  const all = async (of: SymbolRequest) => {
    const paths: string[] = [];
    for await (const { location } of source.candidates(of, 'pdb')) paths.push(location);
    return paths;
  };

  it('are of the right machine and name', async () => {
    const one = put('a/sample.pdb', pdb);
    const two = put('b/sample.pdb', pdbOf(otherGuid));
    put('c/sample.pdb', pdbOf(otherGuid, { machine: 0xaa64 }));
    put('d/other.pdb', pdbOf(otherGuid));
    expect(await all(request({ pdb: undefined }))).toEqual([one, two]);
  });

  it('of the kernel have one of its names', async () => {
    const path = put('ntkrnlmp.pdb', pdb);
    put('sample.pdb', pdb);
    expect(await all(request({ module: 'nt', image: 'ntoskrnl.exe', pdb: undefined }))).toEqual([path]);
  });
});

describe.skipIf(!hasShared)('real files', () => {
  it('are found by what is in them', async () => {
    source = openSource(sharedPath('pdbs'));
    const found = await source.find(
      request({
        machine: 'x64',
        pdb: { name: 'xcpt4.pdb', guid: await guidOf('seh-tests/x64/xcpt4.pdb'), age: 1 },
      }),
      'pdb',
    );
    expect(found?.location).toBe(sharedPath('pdbs/seh-tests/x64/xcpt4.pdb'));
  });
});

async function guidOf(name: string): Promise<string> {
  const { openSymbolBytes } = await import('./symbol-bytes.ts');
  const { identifySymbolFile } = await import('@poolscope/engine');
  const file = await openSymbolBytes(sharedPath(`pdbs/${name}`));
  const identity = identifySymbolFile(file.source, name);
  file.close();
  return identity!.pdb!.guid;
}
