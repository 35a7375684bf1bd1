import { describe, expect, it } from 'vitest';
import { field, record, TypeWriter, writePdb } from '../../test/pdb-writer/index.ts';
import { BufferSource } from '../io/index.ts';
import { PdbFile } from './pdb-file.ts';

const open = (types: TypeWriter) => new PdbFile(new BufferSource(writePdb({ types: types.stream() })));

describe('types of a program database', () => {
  it('PDB-11: structures have members of bases and of parts without a name, with their offsets', () => {
    const types = new TypeWriter();
    const baseFields = types.fieldList((to) => field.member(to, 'Type', 0x20, 0));
    const base = types.structure('_HEADER', baseFields, 4, { kind: 0x1504 });
    const partFields = types.fieldList((to) => {
      field.member(to, 'Low', 0x75, 0);
      field.member(to, 'Whole', 0x77, 0);
    });
    const part = types.union('<unnamed-tag>', partFields, 8);
    const bits = types.bitField(0x75, 3, 5);
    const more = types.fieldList((to) => field.member(to, 'Names', types.array(0x71, 0x20), 0x9000));
    const fields = types.fieldList((to) => {
      field.base(to, base, 0);
      field.member(to, 'Bits', bits, 4);
      field.member(to, 'u', part, 8);
      field.member(to, 'Next', types.pointer(base), 0x10);
      field.more(to, more);
    });
    types.structure('_ITEM', 0, 0, { isForward: true });
    types.structure('_ITEM', fields, 0x9020);
    const { structures } = open(types);
    expect([...structures.names()].sort()).toEqual(['_HEADER', '_ITEM']);
    expect(structures.find('_ITEM')).toEqual({
      name: '_ITEM',
      size: 0x9020,
      members: [
        { path: 'Type', offset: 0, type: 'u8' },
        { path: 'Bits', offset: 4, type: 'u32:5:3' },
        { path: 'u', offset: 8, type: '{8}' },
        { path: 'u.Low', offset: 8, type: 'u32' },
        { path: 'u.Whole', offset: 8, type: 'u64' },
        { path: 'Next', offset: 0x10, type: '*_HEADER' },
        { path: 'Names', offset: 0x9000, type: 'u16[16]' },
      ],
    });
    expect(structures.find('_NONE')).toBeUndefined();
  });

  it('PDB-11: enumerations have names of their values, which may be negative', () => {
    const types = new TypeWriter();
    const fields = types.fieldList((to) => {
      field.value(to, 'None', -1);
      field.value(to, 'Some', 0x12345);
    });
    types.enumeration('_KIND', fields);
    const { enumerations } = open(types);
    expect([...enumerations.names()]).toEqual(['_KIND']);
    expect(enumerations.find('_KIND')).toEqual({
      name: '_KIND',
      type: 'i32',
      values: [
        { name: 'None', value: -1n },
        { name: 'Some', value: 0x12345n },
      ],
    });
    expect(enumerations.find('_NONE')).toBeUndefined();
  });

  it('PDB-11: members tell the enumeration that they are of, and what functions behind pointers return', () => {
    const types = new TypeWriter();
    const kind = types.enumeration(
      '_KIND',
      types.fieldList((to) => field.value(to, 'None', 0)),
    );
    const unnamed = types.enumeration('<unnamed-enum-None>', kind - 1);
    const item = types.structure('_ITEM', 0, 0, { isForward: true });
    const returning = (type: number) =>
      types.pointer(types.add(record(0x1008, (to) => to.u32(type).u8(0, 0).u16(0).u32(0))));
    const [long, text, number] = [returning(0x12), returning(types.pointer(item)), returning(0x22)];
    const fields = types.fieldList((to) => {
      field.member(to, 'Kind', kind, 0);
      field.member(to, 'Kinds', types.array(kind, 8), 4);
      field.member(to, 'Low', types.bitField(kind, 3, 1), 12);
      field.member(to, 'Behind', types.pointer(kind), 16);
      field.member(to, 'Other', unnamed, 24);
      field.member(to, 'Dispatch', types.array(long, 16), 32);
      field.member(to, 'Make', text, 48);
      field.member(to, 'Count', number, 56);
      field.member(to, 'Stop', returning(0x403), 64);
      field.member(to, 'Twice', types.pointer(number), 72);
    });
    types.structure('_OWNER', fields, 80);
    expect(
      open(types)
        .structures.find('_OWNER')!
        .members.map(({ path, type }) => `${path} ${type}`),
    ).toEqual([
      'Kind i32=_KIND',
      'Kinds i32=_KIND[2]',
      'Low i32=_KIND:1:3',
      'Behind *i32',
      'Other i32',
      'Dispatch *(long)[2]',
      'Make *(_ITEM*)',
      'Count *(unsigned.long)',
      'Stop *(void*)',
      'Twice **void',
    ]);
  });

  it('PDB-11: lists that go in circles, and structures inside of themselves, end', () => {
    const types = new TypeWriter();
    const own = types.next;
    types.fieldList((to) => {
      field.member(to, 'a', 0x75, 0);
      field.more(to, own);
    });
    types.structure('_CIRCLE', own, 4);
    const inner = types.next + 1;
    const many = types.fieldList((to) => {
      for (let index = 0; index < 40; index++) field.base(to, inner, 0);
    });
    types.structure('_NESTED', many, 4);
    const { structures } = open(types);
    expect(structures.find('_CIRCLE')?.members.length).toBe(1);
    expect(structures.find('_NESTED')?.members).toEqual([]);
  });
});
