import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesWildcard } from './wildcard.ts';

describe('matchesWildcard', () => {
  it.each([
    ['Program', 'Prog[er-t7]am', true],
    ['Prog7am', 'Prog[er-t7]am', true],
    ['Proguam', 'Prog[er-t7]am', false],
    ['Lp', 'Lo#p', true],
    ['Looop', 'Lo#p', true],
    ['Lp', 'Lo+p', false],
    ['Loop', 'Lo+p', true],
    ['mn', 'm[ia]#n', true],
    ['miain', 'm[ia]+n', true],
    ['mn', 'm[ia]+n', false],
    ['ab', 'a?+b', false],
    ['axyb', 'a?+b', true],
    ['NTOSKRNL.EXE', 'nt*.exe', true],
    ['a*b', 'a\\*b', true],
    ['axb', 'a\\*b', false],
    ['', '*', true],
    ['', '', true],
    ['a', '', false],
    ['a[b', 'a[b', true],
  ])('%s %s %s', (text, pattern, expected) => expect(matchesWildcard(text, pattern)).toBe(expected));

  it('agrees with regular expressions', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 });
    const part = fc
      .constantFrom('a', 'b', '?', '[ab]', '*')
      .chain((place) =>
        fc
          .constantFrom('', '#', '+')
          .map((sign) =>
            place === '*'
              ? ([place, '[^]*'] as const)
              : ([place + sign, regular(place) + (sign === '#' ? '*' : sign)] as const),
          ),
      );
    fc.assert(
      fc.property(text, fc.array(part, { maxLength: 6 }), (each, parts) => {
        const pattern = parts.map(([ours]) => ours).join('');
        const expected = new RegExp(`^${parts.map(([, theirs]) => theirs).join('')}$`).test(each);
        expect(matchesWildcard(each, pattern)).toBe(expected);
      }),
    );
  });

  it('takes patterns that would keep a backtracking matcher busy', () => {
    expect(matchesWildcard('a'.repeat(2000), `${'a#'.repeat(200)}b`)).toBe(false);
  });
});

const regular = (place: string): string => (place === '?' ? '[^]' : place);
