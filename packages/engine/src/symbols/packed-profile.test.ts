import { describe, expect, it } from 'vitest';
import { isfBytes } from '../../test/symbol-files.ts';
import { DebuggerError, utf8Bytes, utf8Text } from '../base/index.ts';
import { BufferSource } from '../io/index.ts';
import { IsfTable } from './isf-table.ts';
import { identifySymbolFile, openSymbolFile } from './open-symbol-file.ts';
import { packProfile } from './packed-profile.ts';
import { isUsedSymbol } from './used-symbols.ts';

const symbols = {
  KeBugCheckEx: 0x1000,
  PoolTrackTable: 0x3000,
  InternalHelper: 0x2000,
  ExAllocatePool2: 0x2000,
};
const types = {
  _POOL_HEADER: {
    kind: 'struct',
    size: 16,
    fields: {
      PoolTag: { offset: 4, type: { kind: 'base', name: 'unsigned long' } },
      Type: { offset: 8, type: { kind: 'enum', name: '_POOL_TYPE' } },
    },
  },
  _UNRELATED: { kind: 'struct', size: 4, fields: {} },
};
const enums = {
  _POOL_TYPE: { base: 'long', size: 4, constants: { NonPagedPool: 0, PagedPool: 1 } },
  _UNUSED: { base: 'long', size: 4, constants: { None: 0 } },
};
const table = () => new IsfTable(new BufferSource(isfBytes({ symbols, types, enums })), 'x.json');
const open = (bytes: Uint8Array) => openSymbolFile(new BufferSource(bytes), 'x');
const errorOf = (text: string): string => {
  try {
    open(utf8Bytes(text));
  } catch (error) {
    if (error instanceof DebuggerError) return error.message;
    throw error;
  }
  return 'none';
};

describe('packed profiles', () => {
  it('carry the names that the engine looks up and the structures it reads, with the identity', () => {
    const packed = open(packProfile(table()));
    expect(packed.kind).toBe('profile');
    expect(packed.isComplete).toBe(false);
    expect([...packed.names()]).toEqual([
      { name: 'KeBugCheckEx', rva: 0x1000 },
      { name: 'ExAllocatePool2', rva: 0x2000 },
      { name: 'PoolTrackTable', rva: 0x3000 },
    ]);
    expect([...packed.types!.names()]).toEqual(['_POOL_HEADER']);
    expect(packed.types!.structure('_POOL_HEADER')).toEqual(table().types.structure('_POOL_HEADER'));
    expect([...packed.types!.enumeration!('_POOL_TYPE')!]).toEqual([
      ['NonPagedPool', 0],
      ['PagedPool', 1],
    ]);
    expect(packed.types!.enumeration!('_UNUSED')).toBeUndefined();
    expect(packed.types!.enumeration!('toString')).toBeUndefined();
    expect(packed.identity).toEqual({ ...table().identity, kind: 'profile' });
  });

  it('carry all names where that is wanted, and then name every function', () => {
    const packed = open(packProfile(table(), { allNames: true }));
    expect(packed.isComplete).toBe(true);
    expect([...packed.names()]).toEqual([...table().names()]);
    expect(packed.nameAt(0x2004)).toEqual(table().nameAt(0x2004));
  });

  it('are identified by their content, with what is known of the image', () => {
    const bytes = packProfile(table(), { timestamp: 0x1234, size: 0x8000 });
    expect(identifySymbolFile(new BufferSource(bytes), 'any.bin')).toEqual({
      kind: 'profile',
      pdb: { name: 'ntkrnlmp.pdb', guid: '0123456789ABCDEF0123456789ABCDEF', age: 1 },
      timestamp: 0x1234,
      size: 0x8000,
      machine: 'x64',
    });
  });

  it('are refused when they are of a later version, damaged, or cut off', () => {
    const text = utf8Text(packProfile(table()));
    expect(errorOf(text.replace('"version":1', '"version":2'))).toBe(
      'no packed profile: it is of version 2, this program reads 1',
    );
    expect(errorOf(text.slice(0, -20))).toBe('no packed profile: it is no JSON');
    expect(errorOf(text.replace('1000 KeBugCheckEx', 'zz KeBugCheckEx'))).toBe(
      'no packed profile: a name has no place',
    );
    expect(errorOf(text.replace('1000 KeBugCheckEx', 'fffffffff KeBugCheckEx'))).toBe(
      'no packed profile: a name has no place',
    );
  });

  it('are not made of files without identity', () => {
    const unnamed = new IsfTable(
      new BufferSource(utf8Bytes('{"symbols": {"KeBugCheckEx": {"address": 1}}}')),
      'x',
    );
    expect(() => packProfile(unnamed)).toThrow('the file does not say which image it belongs to');
  });
});

describe('identifySymbolFile', () => {
  it.each(['', 'text', 'MZ', 'Microsoft C/C++ MSF 7.00\r\n\x1aDS', '{}', '{"format":"poolscope.symbols"}'])(
    'gives nothing for %j',
    (text) => {
      expect(identifySymbolFile(new BufferSource(utf8Bytes(text)), 'x')).toBeUndefined();
    },
  );
});

describe('isUsedSymbol', () => {
  it.each(['MiSystemPartition', 'IoFileObjectType', 'PsProcessType', 'ObHeaderCookie', 'ViTargetDriversAvl'])(
    'keeps %s, which the engine looks up',
    (name) => expect(isUsedSymbol(name)).toBe(true),
  );

  it.each(['InternalHelper', 'IoFileObjectTypeName', 'PsProcessTypes'])('leaves out %s', (name) =>
    expect(isUsedSymbol(name)).toBe(false),
  );
});
