import { describe, expect, it } from 'vitest';
import { openConsole } from '../../test/console.ts';
import { commands } from './registry.ts';
import { notHere } from './tables/not-here/index.ts';
import { scriptWords } from './tables/script-words.ts';

const console = await openConsole({ files: { 'walk.txt': 'r rip', 'my script.txt': '.echo ${$arg1}' } });
const topics = [...commands, ...scriptWords];

describe('.help', () => {
  const lines = console.run('.help');

  it('lists every command and word of scripts under a heading', () => {
    const text = lines.join('\n');
    for (const { names, summary } of topics) {
      for (const name of names) expect(text.split(/\s+/), name).toContain(name);
      expect(text.replaceAll(/\s+/g, ' ')).toContain(summary);
    }
    expect(lines.filter((line) => /^\S/.test(line))).toContain('Scripts');
  });

  it('has lines of at most 100 columns', () => {
    for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(100);
  });
});

describe('.help COMMAND', () => {
  it.each(topics.flatMap(({ names }) => names))('%s', (name) => {
    const lines = console.run(`.help "${name}"`.replaceAll('"', ''));
    expect(lines.length).toBeGreaterThan(1);
    expect(lines[0]).toContain(name);
    for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(100);
  });

  it('wraps sentences that go on over several lines as one', () => {
    const lines = console.run('.help k');
    const prose = lines.slice(
      2,
      lines.findIndex((line) => line.includes('For example')),
    );
    expect(prose.length).toBeGreaterThan(5);
    // Two paragraphs end.
    expect(prose.filter((line) => line.length <= 80).length).toBeLessThanOrEqual(2);
  });

  it('keeps the rows of a table', () => {
    const rows = console.run('.help $<').filter((line) => /^ {4}\$+>?(?:a<|<) {2,}/.test(line));
    expect(rows).toHaveLength(5);
  });

  it('shows examples that are read as they stand', () => {
    for (const { examples = [], names } of topics) {
      for (const example of examples) {
        const unread = console
          .run(example, 2000)
          .filter((line) => /^SCRIPT_SYNTAX|^COMMAND_UNKNOWN|^COMMAND_NOT_HERE|; usage: /.test(line));
        expect(unread, `${names[0]}: ${example}`).toEqual([]);
      }
    }
  });

  it('explains what is not here', () => {
    expect(console.run('.help !locks')[0]).toMatch(
      /^'!locks' \(locks and who holds them\) is not here; .*\.$/,
    );
    for (const { names } of notHere)
      expect(console.run(`.help ${names[0]}`).join(' '), names[0]).toContain('is not here');
  });

  it('finds names in any capitals', () => {
    expect(console.run('.help .FOREACH')).toEqual(console.run('.help .foreach'));
    expect(console.run('.help VERTARGET')).toEqual(console.run('.help vertarget'));
    expect(console.run('.help aS')).toEqual(console.run('.help as'));
  });

  it('has no answer for others', () => {
    expect(console.run('.help nosuch')).toEqual(["COMMAND_UNKNOWN: there is no command 'nosuch'"]);
    expect(console.run('.help vertaget')[0]).toContain("did you mean 'vertarget'?");
  });
});
