import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tagText, tagValue } from './header.ts';
import { builtInTags } from './tables/tags.ts';
import { parseTagFile } from './tags/file.ts';
import { builtInOwners, ownersOfFile, TagOwners, tagOwner } from './tags/owners.ts';

describe('pooltag.txt', () => {
  const file = [
    'rem a comment',
    '// another',
    '',
    'Irp  - <unknown>    - Io packets',
    'Afd? - afd.sys      - sockets',
    'AfdB - afd.sys      -     buffers ',
    'Nb*  - netbt.sys - NetBIOS',
    'Ne?? - later.sys - four characters',
    'A-b  - dash.sys - a tag with a dash',
    'no line at all',
    'Irp  - other.sys - a second one',
  ].join('\r\n');
  const owners = ownersOfFile(file);

  it('PL-8: is read line by line, comments left out', () => {
    expect(parseTagFile(file)).toHaveLength(7);
    expect(owners.find('Irp ')).toEqual({
      pattern: 'Irp ',
      binary: undefined,
      description: 'Io packets',
      source: 'file',
    });
    expect(owners.find('Irp')).toBe(owners.find('Irp '));
    expect(owners.find('A-b ')).toMatchObject({ binary: 'dash.sys', description: 'a tag with a dash' });
  });

  it('PL-9: a tag that is named goes before wildcards, and upper case counts', () => {
    expect(owners.find('AfdB')).toMatchObject({ description: 'buffers' });
    expect(owners.find('AfdC')).toMatchObject({ pattern: 'Afd?', description: 'sockets' });
    expect(owners.find('Nbxy')).toMatchObject({ pattern: 'Nb* ' });
    expect(owners.find('afdC')).toBeUndefined();
    expect(new TagOwners(parseTagFile('A*   - a.sys - any\nAb?? - b.sys - two')).find('Abcd')).toMatchObject({
      binary: 'b.sys',
    });
  });

  it('what the file lacks the built-in table tells', () => {
    expect(owners.find('Proc')).toMatchObject({ binary: 'nt!ps', source: 'built-in' });
    expect(tagOwner('Proc')).toBe(builtInOwners().find('Proc'));
    expect(tagOwner('~~~~')).toBeUndefined();
  });

  it('any text is read without an error', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        for (const { pattern } of parseTagFile(text)) expect(pattern).toHaveLength(4);
      }),
    );
  });
});

it('every line of the built-in table is one, and none is there twice', () => {
  const lines = builtInTags.split('\n').filter((line) => line !== '');
  const owners = parseTagFile(builtInTags, 'built-in');
  expect(owners).toHaveLength(lines.length);
  expect(lines.length).toBeGreaterThan(300);
  expect(new Set(owners.map(({ pattern }) => pattern)).size).toBe(lines.length);
  for (const { pattern } of owners) expect(tagOwner(pattern)?.pattern).toBe(pattern);
});

it('a tag and its number are the same in both directions', () => {
  const code = fc.integer({ min: 0, max: 0x7f }).map((value) => String.fromCharCode(value));
  fc.assert(
    fc.property(fc.array(code, { minLength: 4, maxLength: 4 }), (parts) => {
      expect(tagText(tagValue(parts.join('')))).toBe(parts.join(''));
    }),
  );
  expect(tagValue('None')).toBe(0x656e_6f4e);
  expect(tagText(0xee65_7645)).toBe('Even');
});
