import { describe, expect, it } from 'vitest';
import { MemberTable } from './member-table.ts';

const member = (path: string, type: string, offset: number) => ({ path, type, offset });

describe('MemberTable', () => {
  it('gives members in the order of their source, without those whose text is no type', () => {
    const table = new MemberTable(
      [member('b', 'u32', 8), member('bad', '?!', 4), member('a', '*void', 0)],
      8,
    );
    expect([...table].map(([path, { offset, type }]) => [path, offset, type.kind])).toEqual([
      ['b', 8, 'u32'],
      ['a', 0, 'pointer'],
    ]);
    expect(table.get('bad')).toBeUndefined();
    expect(table.get('none')).toBeUndefined();
  });

  it('takes the last of two members with the same path that has a type', () => {
    const table = new MemberTable([member('a', 'u8', 1), member('a', 'u16', 2), member('a', '?!', 3)], 4);
    expect(table.get('a')).toMatchObject({ offset: 2, type: { kind: 'u16' } });
  });

  it('gives the same entry each time', () => {
    const table = new MemberTable([member('a', 'u8', 1)], 4);
    expect(table.get('a')).toBe(table.get('a'));
  });
});
