import { beforeEach, describe, expect, it } from 'vitest';
import { openConsole, type TestConsole } from '../../test/console.ts';

let console: TestConsole;
const run = (...lines: readonly string[]) => lines.flatMap((line) => console.run(line));

beforeEach(async () => {
  console = await openConsole({ files: { 'text.txt': 'from a file' } });
});

describe('as and aS', () => {
  it('take the rest of the line, or what is before the semicolon', () => {
    expect(run('as a .echo 1; .echo 2', 'al')).toEqual([
      '  Alias            Value',
      ' -------          -------',
      ' a                .echo 1; .echo 2',
    ]);
    expect(run('aS b one two; aS c "x;y"', 'al').slice(3)).toEqual([
      ' b                one two',
      ' c                x;y',
    ]);
  });

  it.each([
    ['as /x v 0n10 + 1', '0xb'],
    ['aS /x v nt', '0xfffff8041c200000'],
    ['as /c v .echo one; .echo two', 'one\ntwo\n'],
    ['as /c v .printf "open"', 'open\n'],
    ['as /f v text.txt', 'from a file'],
    ['as /ma v nt', 'MZ\x90'],
  ])('%s', (line, value) => {
    expect(run(line)).toEqual([]);
    expect(console.session.console.aliases.get('v')).toBe(value);
  });

  it('read strings of the kernel', () => {
    const { system } = console.session;
    // BaseDllName of the first module in the list; its place in KLDR_DATA_TABLE_ENTRY is the same in all x64 builds.
    run('as /msu name poi(nt!PsLoadedModuleList)+58', 'as /mu raw poi(poi(nt!PsLoadedModuleList)+60)');
    const names = system.modules.map(({ image }) => image);
    expect(names).toContain(console.session.console.aliases.get('name'));
    expect(console.session.console.aliases.get('raw')).toContain(console.session.console.aliases.get('name'));
  });

  it.each([
    ['as', 'COMMAND_USAGE'],
    ['as name', 'COMMAND_USAGE'],
    ['as /q name value', 'COMMAND_USAGE'],
    ['as asp value', 'COMMAND_USAGE'],
    ['as a"b value', 'COMMAND_USAGE'],
    ['as /x v nosuch', 'NAME_UNKNOWN'],
    ['as /ma v 0', 'MEMORY_UNREADABLE'],
    ['as /msu v 10', 'MEMORY_UNREADABLE'],
    ['as /f v nosuch', 'FILE_UNREADABLE'],
    ['as /e v PATH', 'HOST_LACKS'],
    ['as /c v nosuch', 'COMMAND_UNKNOWN'],
  ])('%s is refused', (line, code) => expect(run(line)).toEqual([expect.stringContaining(code)]));

  it('are limited in number', () => {
    for (let index = 0; index < 1000; index++) expect(run(`as name${index} x`)).toEqual([]);
    expect(run('as one-more x')).toEqual([expect.stringContaining('SCRIPT_TOO_LONG')]);
    expect(run('as name5 y')).toEqual([]);
  });
});

describe('al and ad', () => {
  it('list and delete', () => {
    expect(run('al')).toEqual(['No aliases']);
    expect(run('as b 2', 'as a 1', 'ad b', 'al').at(-1)).toBe(' a                1');
    expect(run('ad b', 'ad /q b', 'ad', 'ad /q')).toEqual([
      "COMMAND_USAGE: there is no alias 'b'",
      expect.stringContaining('COMMAND_USAGE'),
      expect.stringContaining('COMMAND_USAGE'),
    ]);
    expect(run('ad *', 'al')).toEqual(['No aliases']);
    expect(run('as a 1', 'ad*', 'al')).toEqual(['No aliases']);
    expect(run('al x')).toEqual([expect.stringContaining('COMMAND_USAGE')]);
  });
});
