import { beforeEach, describe, expect, it } from 'vitest';
import { openConsole, type TestConsole } from '../../test/console.ts';

let console: TestConsole;
const run = (...lines: readonly string[]) => lines.flatMap((line) => console.run(line));

beforeEach(async () => {
  console = await openConsole({ type: 'triage' });
});

describe('user-named aliases', () => {
  it('are replaced between blanks, semicolons and quotes', () => {
    expect(run('as Name value', '.echo Name "Name" xName Name! (Name) name')).toEqual([
      'value "value" xName Name! (Name) name',
    ]);
  });

  it('are replaced in ${} anywhere', () => {
    expect(run('as Name value', '.echo a${Name}b (${Name}) ${Nosuch}')).toEqual([
      'avalueb (value) ${Nosuch}',
    ]);
  });

  it.each([
    ['${/d:Name} ${/d:No}', '1 0'],
    ['[${/f:Name}] [${/f:No}]', '[value] []'],
    ['${/n:Name} ${/n:No}', 'Name ${/n:No}'],
    ['${/v:Name} ${/v:No}', '${/v:Name} ${/v:No}'],
    ['${/q:Name} ${ Name}', '${/q:Name} ${ Name}'],
  ])('have switches: %s', (text, printed) => {
    expect(run('as Name value', `.echo ${text}`)).toEqual([printed]);
  });

  it('may stand for several commands', () => {
    expect(run('as Both .echo a; .echo b', 'Both; .echo c')).toEqual(['a', 'b', 'c']);
    expect(run('as Flow .if (1) { .echo in }', 'Flow')).toEqual(['in']);
    expect(run('as Arg 1; .echo 2', '.echo Arg')).toEqual(['1', '2']);
  });

  it('count from the next command on, and in a new block', () => {
    expect(run('aS /x a 5 + 1; .echo a; .block { .echo a }')).toEqual(['0x6', '0x6']);
  });

  it('are looked up each turn of a loop', () => {
    expect(run('.foreach /s (v "1 2") {\n as /x ${/v:n} v + 1\n .block { .echo v n } }')).toEqual([
      '1 0x2',
      '2 0x3',
    ]);
    expect(run('aS /x i 0; .while (${i} < 2) { .echo i; aS /x i ${i} + 1 }')).toEqual(['0x0', '0x1']);
  });

  it('are replaced once: what they stand for is not looked through', () => {
    expect(run('as a b', 'as b c', '.echo a')).toEqual(['b']);
    expect(run('as loop loop loop', '.echo loop')).toEqual(['loop loop']);
  });
});

describe('lines that begin with an alias command', () => {
  it('are left as typed', () => {
    expect(run('as a 1', 'as b a ${a}', 'al').slice(2)).toEqual([
      ' a                1',
      ' b                a ${a}',
    ]);
    expect(run('.foreach /s (t "5") {as b t}', 'al').at(-1)).toBe(' b                t');
  });

  it('have what follows the name replaced behind a semicolon or a blank', () => {
    expect(run('as a 1', ';as b a ${a}', 'al').at(-1)).toBe(' b                1 1');
    expect(run('.foreach /s (t "5") {;as b t}', 'al').at(-1)).toBe(' b                5');
    expect(run('as /x a 7', ';as /x a ${a} + 1', '.echo a')).toEqual(['0x8']);
  });

  it('keep the name that they are about', () => {
    expect(run('as a 1', ';as a 2', ';ad a', 'al')).toEqual(['No aliases']);
    expect(run('as a 1', 'as ${/v:a} 2', '.echo a', 'ad ${/v:a}', 'al')).toEqual(['2', 'No aliases']);
  });
});

describe('fixed-name aliases', () => {
  it('are replaced anywhere, and are empty unless they were set', () => {
    expect(run('r $.u0=ab; c', '.echo x$u0y$u1z')).toEqual([
      'xab',
      "COMMAND_UNKNOWN: there is no command 'cyz'",
    ]);
  });

  it('are evaluated when they are set', () => {
    expect(run('r $.u2=2', 'r $.u1=1+$u2', 'r $.u2=6', '? $u1')).toEqual([
      'Evaluate expression: 3 = 00000000`00000003',
    ]);
    expect(run('r $.u0=2', 'r $.u0=7+$u0', '? $u0')).toEqual(['Evaluate expression: 9 = 00000000`00000009']);
    expect(run('as fred 2', 'r $.u1= 1 + fred', 'as fred 6', '? $u1')).toEqual([
      'Evaluate expression: 3 = 00000000`00000003',
    ]);
  });

  it('come before user-named ones', () => {
    expect(run('as name1 yes', 'r $.u3=1', '.echo ${name$u3} name$u3')).toEqual(['yes yes']);
  });
});

describe('automatic aliases', () => {
  it('name the dump and the kernel', () => {
    expect(run('.echo $CurrentDumpFile | $CurrentDumpPath | $ntsym!x $ntnsym')).toEqual([
      'MEMORY.DMP | C:\\dumps | nt!x nt',
    ]);
  });
});

describe('texts out of the dump', () => {
  it('begin no command', () => {
    expect(run('.foreach /s (x "a;.echo b") { .echo x }')).toEqual(['a;.echo', 'b']);
    expect(run('.foreach (x { .echo "a;.logclose" }) { .echo ${x} }')).toEqual(['a;.logclose']);
    expect(run('as /c x .echo "a;.logclose"', '.echo ${x}')).toEqual(['a;.logclose']);
    expect(run('as /c x .echo "a;.logclose"', ';as y ${x}', '.echo ${y}')).toEqual(['a;.logclose']);
    expect(run("j (1) '.foreach (w { .echo \"a;q\" }) { .echo ${w} }'; ''")).toEqual(['a;q']);
    expect(run('.foreach (x { .echo "a;.logclose" }) { as /c y .echo x }', '.echo ${y}')).toEqual([
      'a;.logclose',
    ]);
  });

  it('may hold line ends, which end no command', () => {
    expect(run('as /c x .echo .echo a; .echo .echo b', '.echo <${x}>')).toEqual(['<.echo a', '.echo b', '>']);
    expect(run('as /c x .echo a; .echo b', '.if ($spat("${x}", "a*b*")) { .echo both }')).toEqual(['both']);
    expect(run('as /c x .echo a; .echo r', "j (1) '.echo ${x}'; ''")).toEqual(['a', 'r']);
  });
});

describe('hostile aliases', () => {
  it('do not grow without end', () => {
    run('as a 0123456789abcdef');
    const results = Array.from({ length: 40 }, () => run(';as a ${a}${a}${a}${a}')).flat();
    expect(results.length).toBeGreaterThan(0);
    expect(results.every((text) => text.startsWith('SCRIPT_TOO_LONG'))).toBe(true);
    expect(run(`.echo ${'${a}'.repeat(500)}`)[0]).toMatch(/^SCRIPT_TOO_LONG/);
  });

  it('do not run themselves', () => {
    expect(run('as Bomb Bomb; Bomb', 'Bomb')).toHaveLength(2);
    expect(run('as Deep .block { Deep }', 'Deep')[0]).toMatch(/^SCRIPT_TOO_DEEP/);
    expect(run('as Wide .block { Wide; Wide }', 'Wide')).toHaveLength(1);
  });
});
