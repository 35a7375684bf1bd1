import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitCommands } from './cut.ts';

describe('splitCommands', () => {
  it.each<[string, string[]]>([
    ['', []],
    [' ;; ', []],
    ['r; k', ['r', 'k']],
    ['r\nk\r\nlm', ['r', 'k', 'lm']],
    ['.echo "a;b"; r', ['.echo "a;b"', 'r']],
    ['.echo it is 5" wide; r', ['.echo it is 5" wide', 'r']],
    ['.echo 5"\n.echo 6"; r', ['.echo 5"', '.echo 6"', 'r']],
    ['.printf "\\";\\n"; r', ['.printf "\\";\\n"', 'r']],
    ['.logopen "c:\\logs\\"; r', ['.logopen "c:\\logs\\"', 'r']],
    ['r; * all; of this; k\nlm', ['r', '* all; of this; k', 'lm']],
    ['r; $$ up to here; k', ['r', '$$ up to here', 'k']],
    ['$$ a comment\nr', ['$$ a comment', 'r']],
    ['? 2 * 3; r', ['? 2 * 3', 'r']],
    ['.enumtag {a;b}; r', ['.enumtag {a;b}', 'r']],
    ['.echo ${a}; r', ['.echo ${a}', 'r']],
    ['.if (1) { r; k } .else { lm; k }; r', ['.if (1) { r; k } .else { lm; k }', 'r']],
    ['.if (1) { r } .echo next', ['.if (1) { r }', '.echo next']],
    ['.if (1)\n{\n  r\n}\n.elsif (2)\n{\n}\nk', ['.if (1)\n{\n  r\n}\n.elsif (2)\n{\n}', 'k']],
    ['.if (1) .break; r', ['.if (1) .break', 'r']],
    ['.if @$t0 == 1 { r; k }; lm', ['.if @$t0 == 1 { r; k }', 'lm']],
    ['.if (${x} > 1) { r }; k', ['.if (${x} > 1) { r }', 'k']],
    ['.if ${x} > 1 { r }; k', ['.if ${x} > 1 { r }', 'k']],
    [
      '.for (r $t0=0; @$t0<4; r $t0=@$t0+1) { r; k }; lm',
      ['.for (r $t0=0; @$t0<4; r $t0=@$t0+1) { r; k }', 'lm'],
    ],
    ['.foreach (x { lm; r }) { .echo x; k }; q', ['.foreach (x { lm; r }) { .echo x; k }', 'q']],
    ['.foreach /s (x "a;b )") { k }; q', ['.foreach /s (x "a;b )") { k }', 'q']],
    ['.do { r; k } (1); lm', ['.do { r; k } (1)', 'lm']],
    ['.block { .echo "}" ; r }; k', ['.block { .echo "}" ; r }', 'k']],
    ['.block { .printf "\\"}\\n" ; r }; k', ['.block { .printf "\\"}\\n" ; r }', 'k']],
    ["j (1) 'r; k'; 'lm'; x", ["j (1) 'r; k'; 'lm'; x"]],
    ['as Go r; k\nlm', ['as Go r; k', 'lm']],
    ['aS Go r; k', ['aS Go r', 'k']],
    ['as /x Go 1; k', ['as /x Go 1', 'k']],
    ['as /c Go r; k', ['as /c Go r; k']],
    ['$<a;b.txt; r', ['$<a;b.txt; r']],
    ['$$<a.txt; r', ['$$<a.txt', 'r']],
    ['$$>a<a.txt x y; r', ['$$>a<a.txt x y', 'r']],
    ['r $.u0=a; b\nk', ['r $.u0=a; b', 'k']],
    ['r; k; z (@$t0 < 4); lm', ['r; k; z (@$t0 < 4)', 'lm']],
    ['lm\nr; z (1)\nk', ['lm', 'r; z (1)', 'k']],
  ])('%j', (line, commands) => expect(splitCommands(line)).toEqual(commands));

  it.each(['.if (1) {', 'r; .if (1) { k', '.for (a) { }', 'r }', '.echo {', '.else { r }', '.while (1'])(
    'leaves what cannot be read together: %j',
    (line) => expect(splitCommands(line).at(-1)).toBe(line.replace(/^r; /, '')),
  );

  it('keeps every character of what is typed but separators, whatever it is', () => {
    const pieces = fc.constantFrom(
      '.if ',
      '(1)',
      '{',
      '}',
      ';',
      '\n',
      '"',
      '.else ',
      '.echo ',
      '$$',
      '*',
      '${a}',
      'r',
      ' ',
      "'",
    );
    fc.assert(
      fc.property(fc.array(pieces), (parts) => {
        const line = parts.join('');
        const bare = (text: string) => text.replaceAll(/[\s;]/g, '');
        expect(bare(splitCommands(line).join(''))).toBe(bare(line));
      }),
    );
  });

  it('reads deep nesting without recursion', () => {
    const depth = 100_000;
    expect(splitCommands(`${'.block {'.repeat(depth)}r${'}'.repeat(depth)}; k`)).toHaveLength(2);
    expect(splitCommands(`.if ${'('.repeat(depth)}`)).toHaveLength(1);
    expect(splitCommands('.if (1) '.repeat(depth))).toHaveLength(1);
  });
});
