import { posix } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { guid, request } from '../../test/symbol-files.ts';
import { isSafeName, packedName, storeFolder, storeKeys } from './store-key.ts';

describe('storeKeys', () => {
  it('has the keys that symbol stores use', () => {
    const of = request({ timestamp: 0x1a7b_e8e9, size: 0x96000, pdb: { name: 'hal.pdb', guid, age: 0x1f } });
    expect(storeKeys(of, 'pdb')).toEqual([{ name: 'hal.pdb', key: `${guid}1f` }]);
    expect(storeKeys(of, 'image')).toEqual([{ name: 'sample.sys', key: '1A7BE8E996000' }]);
    expect(storeKeys(request({ timestamp: 0xf00, size: 0xa0 }), 'image')[0]!.key).toBe('00000F00a0');
  });

  it('has none for what the dump does not tell, or stores do not have', () => {
    expect(storeKeys(request({ pdb: undefined }), 'pdb')).toEqual([]);
    expect(storeKeys(request({ timestamp: undefined }), 'image')).toEqual([]);
    expect(storeKeys(request(), 'isf')).toEqual([]);
    expect(storeKeys(request(), 'profile')).toEqual([]);
  });

  it('knows the names under which kernels are built', () => {
    const names = (machine: 'x64' | 'x86') =>
      storeKeys(request({ module: 'nt', image: 'ntoskrnl.exe', machine }), 'image').map(({ name }) => name);
    expect(names('x64')).toEqual(['ntoskrnl.exe', 'ntkrnlmp.exe']);
    expect(names('x86')).toEqual(['ntoskrnl.exe', 'ntkrpamp.exe', 'ntkrnlpa.exe']);
  });

  it.each([
    '../x.pdb',
    'a/b.pdb',
    'a\\b.pdb',
    '..',
    '.',
    '',
    '.x',
    'x.',
    'x ',
    'c:x',
    'nul.pdb',
    'COM1',
    'a\u0000b',
    'a'.repeat(201),
  ])('refuses the name %j', (name) => {
    expect(isSafeName(name)).toBe(false);
    expect(storeKeys(request({ pdb: { name, guid, age: 1 } }), 'pdb')).toEqual([]);
    expect(storeKeys(request({ image: name }), 'image')).toEqual([]);
  });

  it('never leads out of the store', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.stringMatching(/^[./\\a]{0,6}$/)),
        fc.boolean(),
        (name, hasTwoTiers) => {
          for (const key of storeKeys(request({ image: name }), 'image')) {
            const path = posix.join('/root', ...storeFolder(key, hasTwoTiers), key.name);
            expect(path.split('/')).toHaveLength(hasTwoTiers ? 6 : 5);
            expect(path.startsWith('/root/')).toBe(true);
          }
        },
      ),
    );
  });

  it('refuses a GUID that is none', () => {
    expect(storeKeys(request({ pdb: { name: 'a.pdb', guid: '../../..', age: 1 } }), 'pdb')).toEqual([]);
  });
});

it('packs the last letter of names', () => {
  expect(packedName('ntkrnlmp.pdb')).toBe('ntkrnlmp.pd_');
  expect(packedName('sample.sys')).toBe('sample.sy_');
});

it('has a level more in stores of two tiers', () => {
  const key = { name: 'sample.pdb', key: 'K' };
  expect(storeFolder(key, false)).toEqual(['sample.pdb', 'K']);
  expect(storeFolder(key, true)).toEqual(['sa', 'sample.pdb', 'K']);
});
