import { describe, expect, it } from 'vitest';
import { openConsole } from '../../test/console.ts';

const console = await openConsole({
  type: 'triage',
  files: {
    'lines.txt': '.echo one\r\n\r\nnosuch\r\n.echo two; .echo three\r\n',
    'a;b.txt': '.echo semicolon',
    'my script.txt':
      '\uFEFF.echo ${$arg1} ${$arg2}, ${/d:$arg2}${/d:$arg3} [${/f:$arg3}] ${/n:$arg1} ${$arg5}.',
    'block.txt':
      '.if (${/d:$arg1})\n{\n  .echo ${$arg1}\n}\n.else\n{\n  .echo none\n}\nnosuch\n.echo not reached',
    'nested.txt': '$$>a<block.txt ${$arg1}!\n',
    'self.txt': '$$<self.txt\n$$<self.txt',
    'selfblock.txt': '.block { $$><selfblock.txt }',
    'leave.txt': '.echo before\nq\n.echo behind',
    'long.txt': '*'.repeat(0x10_0001),
    'greedy.txt': '${$arg1}'.repeat(0x1_0000),
  },
});
const unknown = "COMMAND_UNKNOWN: there is no command 'nosuch'";

describe('script files', () => {
  it('run line by line, each shown, and go on behind an error', () => {
    const printed = [
      'kd> .echo one',
      'one',
      'kd> nosuch',
      unknown,
      'kd> .echo two; .echo three',
      'two',
      'three',
    ];
    expect(console.run('$<lines.txt')).toEqual(printed);
    expect(console.run('$$<lines.txt; .echo end')).toEqual([...printed, 'end']);
  });

  it('run as a block, which an error ends', () => {
    expect(console.run('$><lines.txt')).toEqual(['one', unknown]);
    expect(console.run('$$><lines.txt; .echo end')).toEqual(['one', unknown, 'end']);
    expect(console.run('.catch { $$><lines.txt; .echo no }; .echo end')).toEqual(['one', unknown, 'end']);
  });

  it('have names with semicolons where the rest of the line is the name', () => {
    expect(console.run('$><a;b.txt')).toEqual(['semicolon']);
    expect(console.run('$$><a;b.txt')[0]).toBe("FILE_UNREADABLE: there is no file 'a'");
  });

  it('take arguments', () => {
    expect(console.run('$$>a<"my script.txt" "First one" Two; .echo end')).toEqual([
      'First one Two, 10 [] $arg1 ${$arg5}.',
      'end',
    ]);
    expect(console.run('$$>a< "my script.txt" x')).toEqual(['x ${$arg2}, 00 [] $arg1 ${$arg5}.']);
    expect(console.run('$$>a<block.txt')).toEqual(['none', unknown]);
    expect(console.run('$$>a<nested.txt x')).toEqual(['x!', unknown]);
  });

  it('that run themselves end with an error, once', () => {
    for (const line of ['$$<self.txt', '$$><selfblock.txt'])
      expect(
        console.run(line).filter((text) => !text.startsWith('kd>')),
        line,
      ).toEqual([expect.stringContaining('SCRIPT_TOO_DEEP')]);
  });

  it('may leave the console', () => {
    expect(console.run('$$><leave.txt')).toEqual(['before']);
    expect(console.run('$<leave.txt')).toEqual(['kd> .echo before', 'before', 'kd> q']);
  });

  it('are limited in length', () => {
    expect(console.run('$$><long.txt')[0]).toMatch(/^SCRIPT_TOO_LONG/);
    expect(console.run(`$$>a<greedy.txt ${'x'.repeat(1000)}`)[0]).toMatch(/^SCRIPT_TOO_LONG/);
  });

  it.each(['$<', '$$><', '$$>a<', '$$>a< ""'])('need a name: %s', (line) => {
    expect(console.run(line)[0]).toMatch(/^(COMMAND_USAGE|FILE_UNREADABLE)/);
  });
});
