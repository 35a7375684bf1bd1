import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isfBytes, isfText } from '../../test/symbol-files.ts';
import { DebuggerError, utf8Bytes } from '../base/index.ts';
import { BufferSource } from '../io/index.ts';
import { IsfFile, readIsfIdentity } from './isf-file.ts';

const guid = 'AABBCCDDEEFF00112233445566778899';
const base = (name: string) => ({ kind: 'base', name });
const types = {
  _ITEM: {
    kind: 'struct',
    size: 0x40,
    fields: {
      Next: { offset: 0, type: { kind: 'pointer', subtype: { kind: 'struct', name: '_ITEM' } } },
      Low: {
        offset: 8,
        type: { kind: 'bitfield', bit_position: 0, bit_length: 3, type: base('unsigned long') },
      },
      High: {
        offset: 8,
        type: { kind: 'bitfield', bit_position: 3, bit_length: 29, type: base('unsigned long') },
      },
      All: { offset: 8, type: base('unsigned long') },
      Grid: {
        offset: 0x10,
        type: {
          kind: 'array',
          count: 2,
          subtype: { kind: 'array', count: 3, subtype: base('unsigned short') },
        },
      },
      Kind: { offset: 0x1c, type: { kind: 'enum', name: '_KIND' } },
      u: { offset: 0x20, type: { kind: 'union', name: '__unnamed_1' } },
      Ratio: { offset: 0x28, type: base('double') },
      Call: { offset: 0x30, type: { kind: 'pointer', subtype: { kind: 'function' } } },
      Odd: { offset: 0x38, type: { kind: 'nonsense' } },
      'bad name': { offset: 0x38, type: base('char') },
      Outside: { offset: -1, type: base('char') },
    },
  },
  __unnamed_1: {
    kind: 'union',
    size: 8,
    fields: { Long: { offset: 0, type: base('long') }, Byte: { offset: 0, type: base('unsigned char') } },
  },
};
const enums = { _KIND: { base: 'long', size: 4, constants: { First: 1, Last: 2 } } };
const symbols = { Second: 0x2000, First: 0x1000, Alias: 0x1000 };

const open = (bytes: Uint8Array) => new IsfFile(new BufferSource(bytes));
const errorOf = (bytes: Uint8Array): string => {
  try {
    open(bytes);
  } catch (error) {
    if (error instanceof DebuggerError) return error.message;
    throw error;
  }
  return 'none';
};

describe('IsfFile', () => {
  const file = open(isfBytes({ guid, age: 3, symbols, types, enums }));

  it('has the identity of the PDB that it was made of', () => {
    expect(file.identity).toEqual({ pdb: { name: 'ntkrnlmp.pdb', guid, age: 3 }, machine: 'x64' });
  });

  it('has names by place in ascending order, and places by name', () => {
    expect([...file.rvas]).toEqual([0x1000, 0x1000, 0x2000]);
    expect(file.names).toEqual(['First', 'Alias', 'Second']);
    expect(file.rvaOf('Second')).toBe(0x2000);
    expect(file.rvaOf('toString')).toBeUndefined();
  });

  it('gives structures in the form of the profiles; what fits no form is left out', () => {
    expect(file.types.find('_ITEM')).toEqual({
      name: '_ITEM',
      size: 0x40,
      members: [
        { path: 'Next', type: '*_ITEM', offset: 0 },
        { path: 'Low', type: 'u32:0:3', offset: 8 },
        { path: 'High', type: 'u32:3:29', offset: 8 },
        { path: 'All', type: 'u32', offset: 8 },
        { path: 'Grid', type: 'u16[2][3]', offset: 0x10 },
        { path: 'Kind', type: 'i32=_KIND', offset: 0x1c },
        { path: 'u', type: '{8}', offset: 0x20 },
        { path: 'u.Long', type: 'i32', offset: 0x20 },
        { path: 'u.Byte', type: 'u8', offset: 0x20 },
        { path: 'Ratio', type: 'f64', offset: 0x28 },
        { path: 'Call', type: '*()', offset: 0x30 },
      ],
    });
    expect(file.types.names()).toEqual(['_ITEM']);
    expect([...file.types.enumeration('_KIND')!]).toEqual([
      ['First', 1],
      ['Last', 2],
    ]);
    expect(file.types.find('__unnamed_1')).toBeUndefined();
    expect(file.types.find('constructor')).toBeUndefined();
  });

  it('ends in structures without a name that hold themselves', () => {
    const own = { kind: 'struct', name: '__unnamed_1' };
    const loop = open(
      isfBytes({
        types: {
          _A: {
            kind: 'struct',
            size: 8,
            fields: { a: { offset: 0, type: own }, b: { offset: 0, type: own } },
          },
          __unnamed_1: {
            kind: 'struct',
            size: 8,
            fields: { a: { offset: 0, type: own }, b: { offset: 0, type: own } },
          },
        },
      }),
    );
    expect(loop.types.find('_A')!.members.length).toBeLessThanOrEqual(20_000);
  });

  it('refuses what is no ISF file, with the reason', () => {
    expect(errorOf(utf8Bytes('{"symbols": '))).toBe('the ISF file cannot be read: it is no JSON');
    expect(errorOf(utf8Bytes('[]'))).toBe('the ISF file cannot be read: it holds no object');
    expect(errorOf(new Uint8Array(0))).toBe('the ISF file cannot be read: it is no JSON');
    expect(errorOf(utf8Bytes('['.repeat(100_000)))).toBe('the ISF file cannot be read: it is no JSON');
  });

  it('takes any JSON object: what does not fit is not there', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('symbols', 'user_types', 'enums', 'metadata'), fc.jsonValue()),
        (value) => {
          const any = open(utf8Bytes(JSON.stringify(value)));
          for (const name of any.types.names()) any.types.find(name);
          expect(any.rvas.length).toBe(any.names.length);
        },
      ),
    );
  });

  it('property: bytes changed anywhere give a file or a clear refusal', () => {
    const good = isfBytes({ guid, symbols, types, enums });
    fc.assert(
      fc.property(fc.nat({ max: good.length - 1 }), fc.nat({ max: 255 }), (at, byte) => {
        const bytes = good.slice();
        bytes[at] = byte;
        expect(errorOf(bytes)).toMatch(/^none$|^the ISF file cannot be read/);
      }),
    );
  });
});

describe('readIsfIdentity', () => {
  const read = (text: string) => readIsfIdentity(new BufferSource(utf8Bytes(text)));

  it('needs only the beginning where the metadata stand there', () => {
    const text = isfText({ guid, symbols });
    const cut = text.slice(0, text.indexOf('"symbols"') + 20);
    expect(read(cut)?.pdb).toEqual({ name: 'ntkrnlmp.pdb', guid, age: 1 });
  });

  it('passes over what only has the same name', () => {
    const twin =
      '{"user_types": {"_X": {"fields": {"metadata": {"offset": 0}, "b": {}}}}, "x": {"metadata": {"a" b}},';
    expect(read(twin + isfText({ guid }).slice(1))?.pdb?.guid).toBe(guid);
  });

  it('looks at a bounded number of places, none of them long', () => {
    const many = '{"metadata": {"a": 1}, '.repeat(17);
    expect(read(many + isfText({ guid }).slice(1))?.pdb).toBeUndefined();
    const long = `{"metadata": {"a": "${'x'.repeat(70_000)}"}, ${isfText({ guid }).slice(1)}`;
    expect(read(long)?.pdb?.guid).toBe(guid);
  });

  it('searches the whole file where they do not', () => {
    const far = `{"symbols": {"${'x'.repeat(600_000)}": {"address": 1}}, ${isfText({ guid }).slice(1)}`;
    expect(read(far)?.pdb?.guid).toBe(guid);
  });

  it('gives nothing for other files', () => {
    for (const text of ['', 'x', '{', '[1]', '{"metadata": 5}', '{"metadata": {'])
      expect(read(text)).toBeUndefined();
    expect(read('{"metadata": {"windows": {"pdb": {"GUID": "no", "age": 1}}}}')).toEqual({
      pdb: undefined,
      machine: undefined,
    });
  });
});
