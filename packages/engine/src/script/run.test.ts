import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { openConsole, type TestConsole } from '../../test/console.ts';
import { DebuggerError } from '../base/index.ts';
import { commands } from '../commands/index.ts';

let console: TestConsole;
const run = (line: string, maxSteps?: number) => console.run(line, maxSteps);

beforeEach(async () => {
  console = await openConsole({ type: 'triage' });
});

describe('a line of commands', () => {
  it('runs them all, also behind one that fails', () => {
    expect(run('.echo a; nosuch; .echo b')).toEqual([
      'a',
      "COMMAND_UNKNOWN: there is no command 'nosuch'",
      'b',
    ]);
  });

  it('leaves comments out', () => {
    expect(run('.echo a; $$ not; .echo b; * not; .echo c\n.echo d')).toEqual(['a', 'b', 'd']);
  });

  it('is read as far as it can be', () => {
    expect(run('.echo a; .if (1) { .echo b')).toEqual([
      'a',
      'SCRIPT_SYNTAX: the brace behind .if is not closed',
    ]);
    expect(run('.echo a } ; .echo b')).toEqual(['SCRIPT_SYNTAX: there is a closing brace too many']);
  });

  it('gives the results of its commands', () => {
    const all = console.session.run('? 1; ? 2');
    let step = all.next();
    while (step.done !== true) step = all.next();
    expect(step.value.map(({ data }) => data)).toEqual([1n, 2n]);
  });

  it('stops at q', () => {
    expect(run('.echo a; q; .echo b')).toEqual(['a']);
    expect(console.session.console.leaving).toBe(true);
    expect(run('.for (;;) { .block { q } }')).toEqual([]);
    expect(run('.foreach /s (x "1 2 3") { .echo x; q }')).toEqual(['1']);
    expect(run('.echo b')).toEqual(['b']);
    expect(console.session.console.leaving).toBe(false);
  });
});

describe('execute', () => {
  it('runs control flow to its end and gives all lines', () => {
    const { lines, data } = console.session.execute('.foreach /s (x "a b") { .echo x }');
    expect(lines).toEqual([['a'], ['b']]);
    expect(data).toBeNull();
  });

  it('gives the data of a command, and throws its error', () => {
    expect(console.session.execute('? 5').data).toBe(5n);
    expect(() => console.session.execute('.if (1) { nosuch }')).toThrow("there is no command 'nosuch'");
    expect(() => console.session.execute('.if (1) {')).toThrow(DebuggerError);
  });

  it('shows a line that .printf left open', () => {
    expect(console.session.execute('.printf "a"').lines).toEqual([['a']]);
  });
});

describe('.if', () => {
  it.each([
    ['.if (1) { .echo a }', ['a']],
    ['.if (0) { .echo a }', []],
    ['.if (0) { .echo a } .else { .echo b }', ['b']],
    ['.if (0) { .echo a } .elsif (2 > 1) { .echo b } .else { .echo c }', ['b']],
    ['.if (0) { .echo a } .elsif (0) { .echo b } .elsif (0) { } .else { .echo c }', ['c']],
    ['.if 1 == 1 { .echo a }', ['a']],
    ['.if (1) & (0) { .echo a } .else { .echo b }', ['b']],
    ['.if (1) .echo a; .echo b', ['a', 'b']],
    ['.if (0) .echo a; .echo b', ['b']],
    ['.IF (1) { .echo a } .ELSE { .echo b }', ['a']],
    ['.if(1){.echo a}.else{.echo b}', ['a']],
    ['.if (1);\n{;.echo a;};\n.else;\n{\n}', ['a']],
    ['.if (1) { .if (0) { .echo a } .else { .echo b } }', ['b']],
    ['.if (1) {}', []],
  ])('%s', (line, printed) => expect(run(line)).toEqual(printed));

  it.each([
    ['.if', 'needs parentheses'],
    ['.if (1)', 'needs a block'],
    ['.if () { r }', 'needs a condition'],
    ['.if { r }', 'needs a condition'],
    ['.if (1 { r }', 'is not closed'],
    ['.else { r }', 'without an .if'],
    ['.if (1) { r } .else', 'needs a block'],
  ])('refuses %s', (line, message) => {
    const [error] = run(line);
    expect(error).toContain('SCRIPT_SYNTAX');
    expect(error).toContain(message);
  });

  it('says what is wrong with a condition', () => {
    expect(run('.if (nosuchname == 1) { r }; .echo on')).toEqual([
      expect.stringContaining('nosuchname'),
      'on',
    ]);
  });
});

describe('loops', () => {
  it.each([
    ['.for (r $t0 = 0; @$t0 < 3; r $t0 = @$t0 + 1) { .printf "%d", @$t0 }', ['012']],
    [
      '.for (r $t0 = 0; @$t0 < 2; r $t0 = @$t0 + 1; .echo step) { .echo turn }',
      ['turn', 'step', 'turn', 'step'],
    ],
    ['.for (r $t0 = 0; ; r $t0 = @$t0 + 1) { .if (@$t0 == 2) { .break }; .echo x }', ['x', 'x']],
    [
      'r $t0 = 0; .while (@$t0 < 3) { r $t0 = @$t0 + 1; .if (@$t0 == 2) { .continue }; .printf "%d", @$t0 }',
      ['13'],
    ],
    ['r $t0 = 5; .do { .echo once } (@$t0 < 5)', ['once']],
    ['r $t0 = 3; .do { .echo x; r $t0 = @$t0 + 1 } (@$t0 < 5); .echo end', ['x', 'x', 'end']],
    [
      'r $t0 = 0; .while (1) { .while (1) { .break }; r $t0 = @$t0 + 1; .if (@$t0 > 2) .break }; r $t0',
      ['$t0=0000000000000003'],
    ],
    ['.for (r $t0 = 0;\n@$t0 < 2;\nr $t0 = @$t0 + 1)\n{\n.echo x\n}', ['x', 'x']],
    ['r $t0 = 1\n.echo a; r $t0 = @$t0 + 1; z (@$t0 < 4); .echo b', ['a', 'a', 'a', 'b']],
    ['.echo first\nr $t0 = 1\n.echo a; r $t0 = @$t0 + 1; z (@$t0 < 3)\n.echo b', ['first', 'a', 'a', 'b']],
  ])('%s', (line, printed) => expect(run(line)).toEqual(printed));

  it('takes a step each turn, so that one without end can be stopped', () => {
    for (const line of ['.while (1) { }', '.for (;;) { }', '.do { } (1)', 'z (1)', '.echo a; z (1)'])
      expect(run(line, 1000).at(-1), line).toBe('^C');
    expect(run('.echo still here')).toEqual(['still here']);
    expect(run('.if (1) { .if (1) { .echo nested } }')).toEqual(['nested']);
  });

  it.each([
    '.break',
    '.continue',
    '.leave',
    '.block { .break }',
    '.for (.break; 1; ) { }',
    '.catch { .break }',
  ])('refuses %s outside of what it is about', (line) =>
    expect(run(line)[0]).toMatch(/^SCRIPT_SYNTAX: .*outside of/),
  );

  it.each([
    '.for (1) { }',
    '.for (1; 2) { }',
    '.for { }',
    '.while (1)',
    '.do { }',
    '.do (1)',
    '.while { r }',
  ])('refuses %s', (line) => expect(run(line)[0]).toMatch(/^SCRIPT_SYNTAX/));
});

describe('.foreach', () => {
  it.each([
    ['.foreach (x { .echo a b; .echo c }) { .echo x }', ['a', 'b', 'c']],
    ['.foreach (x { .echo a }) { .echo x y${x}z (x) "x" }', ['a yaz (x) "a"']],
    ['.foreach /s (x "a b  c") { .echo x }', ['a', 'b', 'c']],
    ['.foreach /pS 1 /ps 2 /s (x "a b c d e f g h") { .echo x }', ['b', 'e', 'h']],
    ['.foreach /ps 1 /s ( x "a b c" ) { .echo x }', ['a', 'c']],
    ['.foreach /s (x "a b c") { .if ($scmp("${x}", "b") == 0) { .break }; .echo x }', ['a']],
    ['.foreach /s (x "1 2") { .foreach /s (y "3 4") { .printf "%d ", ${x} + ${y} } }', ['4 5 5 6 ']],
    ['.foreach /s (x "") { .echo x }', []],
    ['.foreach (x {}) { .echo x }', []],
  ])('%s', (line, printed) => expect(run(line)).toEqual(printed));

  it('goes over the words of a file', async () => {
    console = await openConsole({ type: 'header', files: { 'words.txt': 'one two\r\nthree\n' } });
    expect(run('.foreach /f (w "words.txt") { .echo w }')).toEqual(['one', 'two', 'three']);
    expect(run('.foreach /f (w "nosuch.txt") { .echo w }')).toEqual([
      "FILE_UNREADABLE: there is no file 'nosuch.txt'",
    ]);
  });

  it('shows nothing of what it goes over, but errors', () => {
    expect(run('.foreach (x { .echo a; nosuch }) { .echo x }')).toEqual([
      "COMMAND_UNKNOWN: there is no command 'nosuch'",
    ]);
  });

  it('lets the variable be an alias again afterwards', () => {
    expect(run('as x outer; .foreach /s (x "inner") { .echo ${x} }; .echo ${x}')).toEqual([]);
    expect(run('.foreach /s (y "inner") { .echo ${y} ${/d:y} }; .echo ${y} ${/d:y}')).toEqual([
      'inner 1',
      '${y} 0',
    ]);
  });

  it.each([
    '.foreach (x) { r }',
    '.foreach x { r }',
    '.foreach ({ r }) { r }',
    '.foreach /s (x a) { r }',
    '.foreach /q (x { r }) { r }',
    '.foreach (x { r })',
    '.foreach (x { r ) { r }',
  ])('refuses %s', (line) => expect(run(line)[0]).toMatch(/^SCRIPT_SYNTAX/));

  it('ends when what it goes over has no end', () => {
    expect(
      run('.foreach (x { .for (;;) { .echo 0123456789012345678901234567890123456789 } }) { }', 2_000_000),
    ).toEqual([expect.stringContaining('RANGE_TOO_LARGE')]);
  });
});

describe('errors in blocks', () => {
  const unknown = "COMMAND_UNKNOWN: there is no command 'nosuch'";

  it.each([
    ['.block { .echo a; nosuch; .echo b }; .echo c', ['a', unknown, 'c']],
    ['.for (r $t0 = 0; @$t0 < 9; r $t0 = @$t0 + 1) { nosuch }', [unknown]],
    ['.catch { .echo a; nosuch; .echo b }; .echo c', ['a', unknown, 'c']],
    ['.block { .catch { nosuch }; .echo a }', [unknown, 'a']],
    ['.for (r $t0 = 0; @$t0 < 2; r $t0 = @$t0 + 1) { .catch { nosuch } }', [unknown, unknown]],
    ['.catch { .echo a; .leave; .echo b }; .echo c', ['a', 'c']],
    ['.catch { .if (1) { .leave }; .echo b }', []],
    ['.while (1) { .catch { .break } }; .echo c', ['c']],
    ['.catch { .while (1) { .leave } }; .echo c', ['c']],
  ])('%s', (line, printed) => expect(run(line)).toEqual(printed));
});

describe('j', () => {
  it.each([
    ["j (1 = 1) '.echo a; .echo b'; '.echo c'", ['a', 'b']],
    ["j (1 = 2) '.echo a; .echo b'; '.echo c'", ['c']],
    ['j (0) .echo a; .echo b', ['b']],
    ['j @$t0 > 5 .echo a; .echo b', ['b']],
    ["j (1) ''; '.echo c'", []],
    ["j (0)  ; '.echo c'", ['c']],
    ["j (0) '.echo a'", []],
    ["j (1) '.echo a'; '.echo b'; .echo ignored", ['a']],
    ["j(1) 'j (0) 1; .echo in'; ''", ['in']],
  ])('%s', (line, printed) => expect(run(line)).toEqual(printed));

  it('needs an expression', () => expect(run("j 'a'")[0]).toMatch(/^EXPRESSION_SYNTAX|^NAME_UNKNOWN/));
});

describe('nesting', () => {
  it('has a limit, which is an error and leaves the console as it was', () => {
    const nested = (depth: number) => `${'.block { '.repeat(depth)}.echo deep${' }'.repeat(depth)}`;
    expect(run(nested(60))).toEqual(['deep']);
    expect(run(nested(64))[0]).toMatch(/^SCRIPT_TOO_DEEP/);
    expect(run(nested(100_000))[0]).toMatch(/^SCRIPT_TOO_DEEP/);
    expect(run(`.catch { ${nested(64)} }; .echo on`)).toEqual([
      expect.stringContaining('SCRIPT_TOO_DEEP'),
      'on',
    ]);
    expect(run(nested(60))).toEqual(['deep']);
  });

  it('is the same after runs that were left in their middle', () => {
    for (let time = 0; time < 200; time++) console.session.run('.block { .foreach /s (x "a") { r } }').next();
    expect(run('.block { .echo ${/d:x} }')).toEqual(['0']);
  });

  it('is the same after a run that was stopped', () => {
    for (let time = 0; time < 200; time++)
      run('.block { .block { .while (1) { .foreach /s (x "a") { r } } } }', 20);
    expect(run('.block { .echo ${/d:x} }')).toEqual(['0']);
  });
});

describe('a line that .printf leaves open', () => {
  it.each([
    ['.printf "a"; .printf "b\\n"; .echo c', ['ab', 'c']],
    ['.printf "a"; .echo b', ['ab']],
    ['.printf "a"; nosuch', ['a', "COMMAND_UNKNOWN: there is no command 'nosuch'"]],
    ['.printf "a\\nb"', ['a', 'b']],
    ['.printf "a"; .foreach (x { .printf "b c"; .echo d }) { .printf "<x>${x}" }', ['a<x>b<x>cd']],
    ['.printf ""; .echo a', ['a']],
    ['.printf ""', []],
    ['.printf "a\\n"', ['a']],
    ['.printf "a\\n\\n\\nb\\n"', ['a', '', '', 'b']],
    ['.printf "a"; .printf "\\n\\n"; .printf "\\nb"', ['a', '', '', 'b']],
  ])('%s', (line, printed) => expect(run(line)).toEqual(printed));

  it('is shown in parts when it does not end', () => {
    const shown = run('.for (r $t0 = 0; @$t0 < 1000; r $t0 = @$t0 + 1) { .printf "%064d", @$t0 }');
    expect(shown.join('')).toHaveLength(0x1000 * 64);
    expect(shown.length).toBeGreaterThan(5);
  });
});

describe('any text of commands', () => {
  const words = fc.constantFrom(
    ...commands.flatMap(({ names }) => names).filter((name) => name !== '!analyze'),
    ...'.if .elsif .else .for .while .do .foreach .break .continue .block .catch .leave z j'.split(' '),
    ...'( ) { } ; \n " \' * $$ ${a} ${/d:a} $u0 as a b r $.u1=2 (1) (0) { r } 1 nt @rsp L2 "%p\\n" , /s /x'.split(
      ' ',
    ),
    ' ',
  );

  it('ends within a limit of steps, with steps and DebuggerErrors only', () => {
    fc.assert(
      fc.property(fc.array(words, { maxLength: 30 }), (parts) => {
        run(parts.join(' '), 300);
        run('ad *');
        expect(run('.echo on')).toEqual(['on']);
      }),
      { numRuns: 300 },
    );
  });

  it('of any characters', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => run(text, 300).length >= 0));
  });
});
