import { describe, expect, it } from 'vitest';
import { compare, draft, readInvariants, readTables } from './layout-docs.mjs';

const layout = {
  name: 'THING',
  size: 0x18,
  fields: {
    First: { offset: 0, kind: 'u32', count: 1 },
    Pair: { offset: 8, kind: 'u32', count: 2 },
    Rest: { offset: 0x10, kind: 'bytes', count: 8 },
  },
};

const page = `# Things
### THING (0x18 bytes)
Some words.
| offset | size | type | field | meaning |
| --- | --- | --- | --- | --- |
| 0x00 | 4 | u32 | First | one |
| 0x04 | 4 | u32 | Unused | not read |
| 0x08 | 8 | u32[2] | Pair | two |
| 0x10 | 8 | bytes | Rest | three |
| 0x12 | 2 | u16 | Part | inside Rest |
## Other
| 0x99 | not a row of THING |
`;

/** Problems after a change of the page. */
const after = (from: string, to: string) =>
  compare([layout], readTables('things.md', page.replace(from, to)));

describe('layout docs', () => {
  it('accepts a page that agrees, with rows of its own and parts of fields', () => {
    expect(compare([layout], readTables('things.md', page))).toEqual([]);
  });

  it.each([
    ['another size of the structure', '(0x18 bytes)', '(0x20 bytes)', 'size 0x20, in the layout 0x18'],
    ['a partial overlap', '0x04 | 4 | u32 | Unused', '0x06 | 4 | u32 | Unused', 'Pair overlaps Unused'],
    ['another offset', '0x10 | 8', '0x0c | 8', 'Rest is bytes at 0xc, 8 bytes, in the layout bytes at 0x10'],
    ['a missing field', '| 0x00 | 4 | u32 | First | one |\n', '', 'no row for First (u32 at 0x0, 4 bytes)'],
    [
      'another type',
      '4 | u32 | First',
      '2 | u16 | First',
      'First is u16 at 0x0, 2 bytes, in the layout u32 at 0x0',
    ],
    ['another name', 'Pair', 'Couple', 'no row for Pair'],
    ['another count', '8 | u32[2]', '4 | u32', 'Pair is u32 at 0x8, 4 bytes, in the layout u32[2]'],
    ['a field outside', '| 0x12 | 2', '| 0x17 | 2', 'Part ends outside the structure'],
    ['rows out of order', '| 0x12 | 2', '| 0x02 | 2', 'Part is out of order'],
    ['a name given twice', 'Unused', 'First', 'a second First'],
    ['a field without meaning', '| First | one |', '| First |  |', 'a row needs'],
    ['other columns', '| size | type |', '| type | size |', 'the columns are not'],
    ['no table', '### THING', '### THONG', 'THING: no page of docs/formats has its table'],
  ])('finds %s', (_what, from, to, problem) => {
    expect(after(from, to).join('\n')).toContain(problem);
  });

  it('finds a second table of the same structure', () => {
    expect(after('## Other', page).join('\n')).toContain('a second table of this structure');
  });

  it('drafts a table that wants meanings only', () => {
    const text = draft(layout).replaceAll('|  |', '| meaning |');
    expect(compare([layout], readTables('draft.md', text))).toEqual([]);
  });

  it('reads the numbers of invariants', () => {
    expect(readInvariants('Invariant H-1: a.\n\nInvariant H-12: b.\nAn Invariant H-3: no.')).toEqual([
      'H-1',
      'H-12',
    ]);
  });
});
