import { BufferSource, openSymbolFile } from '@poolscope/engine';
import type { ProfileStructure } from '@poolscope/engine/layouts';
import { describe, expect, it } from 'vitest';
import { describedImage } from '../../test/sample-images.ts';
import { imagePdb } from './image-pdb.ts';
import type { StructureSource } from './structure-types.ts';

const structures = (...list: ProfileStructure[]): StructureSource => ({
  names: () => list.map(({ name }) => name),
  structure: (name) => list.find((each) => each.name === name),
  enumeration: (name) =>
    name === '_KIND'
      ? [
          ['None', -1],
          ['Large', 0x9000],
          ['First', 0],
        ]
      : undefined,
});

const typesOf = (...list: ProfileStructure[]) => {
  const bytes = imagePdb(describedImage(), { structures: structures(...list) });
  return openSymbolFile(new BufferSource(bytes), 'probe.pdb').types!;
};

const members = (...rows: [path: string, type: string, offset: number][]) =>
  rows.map(([path, type, offset]) => ({ path, type, offset }));

describe('structures as types', () => {
  it('have every kind of member', () => {
    const item: ProfileStructure = {
      name: '_ITEM',
      size: 0x60,
      members: members(
        ['Flags', 'u16:0:4', 0],
        ['Rest', 'u16:4:12', 0],
        ['Kind', 'i32=_KIND', 4],
        ['Unknown', 'i32=_OTHER', 8],
        ['Next', '*_ITEM', 0x10],
        ['Links', '**_GONE', 0x18],
        ['Table', '*u32[2][3]', 0x20],
        ['u', '{8}', 0x50],
        ['u.Low', 'u32', 0x50],
        ['u.Both', 'f64', 0x50],
        ['u.s', '{8}', 0x50],
        ['u.s.Bits', 'i64:3:2', 0x50],
        ['u.s.Whole', 'u8', 0x50],
        ['Inner', '_INNER[2]', 0x58],
      ),
    };
    const inner: ProfileStructure = { name: '_INNER', size: 4, members: [] };
    const types = typesOf(item, inner);
    expect(types.structure('_ITEM')).toEqual(item);
    expect(types.structure('_INNER')).toEqual(inner);
    expect([...types.enumeration!('_KIND')!]).toEqual([
      ['None', -1],
      ['Large', 0x9000],
      ['First', 0],
    ]);
    expect(types.enumeration!('_OTHER')).toBeUndefined();
    expect([...types.names()]).toEqual(['_INNER', '_ITEM']);
  });

  it('may have more members than one record holds', () => {
    const rows = Array.from({ length: 5000 }, (_, index): [string, string, number] => [
      `Member${index}`,
      'u32',
      4 * index,
    ]);
    const large = { name: '_LARGE', size: 0x2_0000, members: members(...rows) };
    expect(typesOf(large).structure('_LARGE')).toEqual(large);
  });

  it('have bits before the whole, as the tables do not keep the order', () => {
    const rows = members(
      ['Whole', 'u32', 0],
      ['High', 'u16:8:8', 2],
      ['Low', 'u16:0:4', 0],
      ['Rest', 'u16:4:12', 0],
    );
    const found = typesOf({ name: '_WORD', size: 4, members: rows }).structure('_WORD')!.members;
    expect(found.map(({ path }) => path)).toEqual(['Low', 'Rest', 'Whole', 'High']);
  });

  it('leave out arrays of what the tables do not have, not structures', () => {
    const part = { name: '_PART', size: 8, members: members(['One', '_GONE', 0], ['Many', '_GONE[4]', 4]) };
    expect(typesOf(part).structure('_PART')?.members).toEqual(members(['One', '_GONE', 0]));
  });

  it('end when a structure says that it holds itself', () => {
    const loop = { name: '_LOOP', size: 8, members: members(['Self', '_LOOP', 0]) };
    expect(typesOf(loop).structure('_LOOP')?.members).toEqual(loop.members);
  });
});
