import { buildMachine, dumpBytes } from '@poolscope/lab';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commands, scriptWords } from '../../commands/index.ts';
import { BufferSource } from '../../io/index.ts';
import { openSession, type Session } from '../../session.ts';

const session = await openSession(new BufferSource(dumpBytes(buildMachine(), { type: 'bitmap-kernel' })));
const small = await openSession(new BufferSource(dumpBytes(buildMachine(), { type: 'header' })));

const texts = (line: string, of: Session = session) => of.complete(line).candidates.map(({ text }) => text);
const kinds = (line: string) => [...new Set(session.complete(line).candidates.map(({ kind }) => kind))];
const modules = session.system.modules.map(({ name }) => name);
const inOrder = (names: readonly string[]) =>
  [...new Set(names)].sort((a, b) =>
    a.toLowerCase() < b.toLowerCase() ? -1 : a.toLowerCase() > b.toLowerCase() ? 1 : a < b ? -1 : 1,
  );
const beginningWith = (start: string, names: readonly string[]) =>
  inOrder(names.filter((name) => name.toLowerCase().startsWith(start)));
const commandNames = [...commands, ...scriptWords].flatMap(({ names }) => names);

describe('completion of commands', () => {
  it('offers the names that begin with what is typed, with a summary', () => {
    expect(texts('.he')).toEqual(['.help']);
    expect(texts('!p')).toEqual(beginningWith('!p', commandNames));
    expect(texts('vert')).toEqual(['vertarget']);
    expect(texts('.whi')).toEqual(['.while']);
    expect(texts('!for_each_module vert')).toEqual(['vertarget']);
    expect(session.complete('.he').candidates[0]?.summary).toBe(
      commands.find(({ names }) => names.includes('.help'))?.summary,
    );
  });

  it.each(['.HE', '   .he', 'r; .he', 'r;.he', '.if (1) { .he', '.if (1) { r } .he'])('in %j', (line) => {
    const { from, prefix } = session.complete(line);
    expect(line.slice(from).toLowerCase()).toBe('.he');
    expect(prefix).toBe('.help');
  });

  it('keeps the extension that a command is called by', () => {
    expect(texts('!kdexts.vt')).toEqual(['!kdexts.vtop']);
  });

  it('offers commands as arguments of .help', () => {
    expect(texts('.help vert')).toEqual(['vertarget']);
    expect(session.complete('.help ').total).toBe(new Set(commandNames).size);
    expect(texts('.help !vt')).toEqual(['!vtop']);
  });

  it.each(['', '   ', 'r; ', '* .he', '$$ .he', '.echo .he', 'da "n', 'nosuch .he'])(
    'has none in %j',
    (line) => {
      expect(texts(line)).toEqual([]);
    },
  );
});

describe('completion of names', () => {
  it('offers modules to lm in all its forms', () => {
    expect(modules.length).toBeGreaterThan(2);
    for (const line of ['lm m n', 'lmvm n', 'lmDvm n', 'lm a n', 'u n', 'db n', '? n', 'dps @rsp n'])
      expect(texts(line), line).toEqual(beginningWith('n', modules));
    expect(texts('lm m ')).toEqual(inOrder(modules));
    expect(kinds('lm m ')).toEqual(['module']);
  });

  it('offers names of a module, whatever their capitals', () => {
    expect(texts('u nt!KeBug')).toContain('nt!KeBugCheckEx');
    expect(texts('u nt!kebugchecke')).toEqual(['nt!KeBugCheckEx']);
    expect(texts('? poi(nt!PsLoadedM')).toEqual(['nt!PsLoadedModuleList']);
    expect(texts('?nt!KeBugChecke')).toEqual(['nt!KeBugCheckEx']);
    expect(kinds('u nt!')).toEqual(['symbol']);
    expect(texts('u nosuch!')).toEqual([]);
  });

  it('looks for a bare name in the kernel', () => {
    expect(texts('u KeBugChecke')).toEqual(['nt!KeBugCheckEx']);
    expect(texts('u Ke').filter((text) => text.startsWith('nt!'))).toEqual([]);
  });

  it('says where the word begins and what all candidates begin with', () => {
    const line = 'u nt!KeBugC';
    const { from, prefix, total } = session.complete(line);
    expect(from).toBe(2);
    expect(total).toBeGreaterThan(0);
    expect(prefix.startsWith('nt!KeBugCheck')).toBe(true);
    const inside = session.complete('u nt!KeBugC L5', 11);
    expect(inside).toEqual(session.complete(line));
  });
});

describe('completion of registers', () => {
  it('offers those of the scope behind @', () => {
    expect(texts('? @ra')).toEqual(['@rax']);
    expect(texts('db @rs')).toEqual(['@rsi', '@rsp']);
    expect(texts('db@rsp+@rb')).toEqual(['@rbp', '@rbx']);
    expect(texts('r ra')).toEqual(['rax']);
    expect(texts('? $bug_p')).toEqual([1, 2, 3, 4].map((number) => `$bug_param${number}`));
    expect(texts('? @$i')).toEqual(['@$ip']);
  });

  it('offers none that the dump does not tell', () => {
    for (const { text } of small.complete('? @').candidates) {
      expect(() => small.execute(`? ${text}`), text).not.toThrow();
    }
  });
});

describe('completion of aliases and files', () => {
  it('offers the aliases that were set', () => {
    session.console.aliases.set('mydriver', 'nt');
    expect(texts('lmvm nt; ad my')).toEqual(['mydriver']);
    expect(texts('u my')).toEqual(['mydriver']);
    expect(texts('my')).toEqual(['mydriver']);
    session.console.aliases.delete('mydriver');
    expect(texts('my')).toEqual([]);
  });

  it.each([
    ['$<scr', 'scr'],
    ['$$><scr', 'scr'],
    ['$$>a< scripts/a', 'scripts/a'],
    ['.logopen out', 'out'],
    ['r; .logappend /u out', 'out'],
    ['!chkimg nt -i out', 'out'],
    ['as /f name out', 'out'],
  ])('leaves the file in %j to the host', (line, word) => {
    expect(session.complete(line)).toEqual({
      from: line.length - word.length,
      candidates: [],
      total: 0,
      prefix: '',
      wantsFile: true,
    });
  });
});

describe('completion of anything', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      ...commandNames,
      'nt!',
      '@',
      '$',
      '"',
      ';',
      '{',
      '}',
      '(',
      ' ',
      '.help ',
      '\t',
      '$<',
      '*',
    ),
    fc.string({ maxLength: 4 }),
  );

  it('gives sorted candidates that begin with their prefix and go on with the word', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const line = pieces.join('');
        const { from, candidates, total, prefix } = session.complete(line);
        expect(from).toBeGreaterThanOrEqual(0);
        expect(from).toBeLessThanOrEqual(line.length);
        expect(candidates.length).toBe(Math.min(total, 200));
        const found = candidates.map(({ text }) => text);
        expect(found).toEqual(inOrder(found));
        for (const text of found) {
          expect(text.startsWith(prefix)).toBe(true);
          const bare = text.toLowerCase().replace(/^nt!/, '');
          const word = line.slice(from).toLowerCase();
          expect(text.toLowerCase().startsWith(word) || bare.startsWith(word)).toBe(true);
        }
      }),
    );
  });
});
