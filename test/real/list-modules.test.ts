import { lineText, type Session } from '@poolscope/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { hasShared, openShared, sharedText } from '../shared-files.ts';

/** The columns of a line of `lm t n`. */
interface Row {
  readonly range: string;
  readonly name: string;
  readonly image: string;
  readonly stamp: string;
}

const rowOf = (line: string): Row => {
  const [, range, name, image, stamp] = /^([\da-f`]{17} [\da-f`]{17}) {3}(\S+) +(\S+) +(.+)$/.exec(line)!;
  return { range: range!, name: name!, image: image!, stamp: stamp! };
};

const rowsOf = (lines: readonly string[]): Row[] =>
  lines.filter((line) => /^[\da-f`]{17} [\da-f`]{17} {3}\S+ +\S+ +\S/.test(line)).map(rowOf);

/** The eight digits of a stamp, and what is said about them. */
const digitsOf = (stamp: string): string => /[0-9A-F]{8}/.exec(stamp)![0];
const kindOf = (stamp: string): 'hash' | 'invalid' | 'time' =>
  stamp.includes('reproducible build') ? 'hash' : stamp.includes('Invalid') ? 'invalid' : 'time';

describe.skipIf(!hasShared)('lm t n of notmyfault_4a against the real debugger (needs ../shared)', () => {
  let session: Session;
  let real: string[];
  let ours: string[];
  beforeAll(async () => {
    session = await openShared('notmyfault_4a/083125-14875-01.dmp');
    real = sharedText('dumps/notmyfault_4a/lm_t_n.txt').split(/\r?\n/);
    ours = session.execute('lm t n').lines.map(lineText);
  });

  it('has the same heading, and as many rows in the same order', () => {
    expect(ours[0]).toBe(real[0]);
    expect(rowsOf(ours).length).toBe(156);
    expect(rowsOf(ours).map(({ range }) => range)).toEqual(rowsOf(real).map(({ range }) => range));
  });

  it('agrees on names and images; the kernel was renamed when it was installed', () => {
    const different = rowsOf(real).flatMap((row, index) => {
      const { name, image } = rowsOf(ours)[index]!;
      return row.name === name && row.image === image ? [] : [[row.name, row.image, name, image]];
    });
    // The debugger takes the name that the kernel was linked under from its symbols; the dump has that of the file.
    expect(different).toEqual([['nt', 'ntkrnlmp.exe', 'nt', 'ntoskrnl.exe']]);
  });

  it('begins each column where the real one begins', () => {
    const column = (line: string, { name, image }: Row) =>
      line.indexOf(image, line.indexOf(name) + name.length);
    rowsOf(real).forEach((row, index) => {
      if (row.name === 'nt') return;
      const theirs = real.find((line) => line.startsWith(row.range))!;
      const mine = ours.find((line) => line.startsWith(row.range))!;
      expect(mine.indexOf(row.name)).toBe(theirs.indexOf(row.name));
      expect(column(mine, rowsOf(ours)[index]!)).toBe(column(theirs, row));
      const stampAt = (line: string, { stamp }: Row) => line.length - stamp.length;
      expect(stampAt(mine, rowsOf(ours)[index]!)).toBe(stampAt(theirs, row));
    });
  });

  it('agrees on every stamp, and claims no more than the dump tells', () => {
    const theirs = rowsOf(real).map(({ stamp }) => stamp);
    const mine = rowsOf(ours).map(({ stamp }) => stamp);
    expect(mine.map(digitsOf)).toEqual(theirs.map(digitsOf));
    // A small dump holds no debug directories: which stamps are hashes is known to the debugger from the image files.
    const kinds = theirs.map(kindOf);
    expect([
      kinds.filter((kind) => kind === 'hash').length,
      kinds.filter((kind) => kind === 'time').length,
    ]).toEqual([148, 4]);
    mine.forEach((stamp) => {
      expect(stamp).toMatch(/, or a hash of the image$|\(no time: a hash of the image, or invalid\)$/);
    });
    // Where the debugger shows a time, ours is the same but for the time zone: UTC here, the debugger's own there.
    theirs.forEach((stamp, index) => {
      if (kindOf(stamp) !== 'time') return;
      const [minutes] = /:\d\d:\d\d /.exec(stamp)!;
      expect(mine[index]).toContain(minutes);
    });
  });

  it('lists the unloaded modules alike', () => {
    const unloaded = (lines: readonly string[]) =>
      lines.slice(lines.findIndex((line) => line.startsWith('Unloaded'))).map((line) => line.trim());
    const theirs = unloaded(real);
    const mine = unloaded(ours);
    // The debugger shows a checksum of zero; Windows keeps none.
    expect(mine).toEqual(
      theirs.map((line) => line.replace(/^Checksum: {2}00000000$/, 'Checksum:  unavailable (00000000)')),
    );
  });
});
