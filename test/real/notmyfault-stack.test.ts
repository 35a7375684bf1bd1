import { lineText, type Session } from '@poolscope/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { hasShared, openShared, sharedText } from '../shared-files.ts';

/** A line of `kv`, cut at its columns. */
interface Row {
  readonly number: string;
  readonly sp: string;
  readonly returnAddress: string;
  readonly words: readonly string[];
  readonly site: string;
  readonly trapFrame: string | undefined;
}

const pattern =
  /^([0-9a-f]{2}) (\S{17}) (\S{17}) {5}: (\S{17}) (\S{17}) (\S{17}) (\S{17}) : (.*?)(?: \(TrapFrame @ (\S{17})\))?(?: {2}\[.*\])?$/;

const rowsOf = (lines: readonly string[]): Row[] =>
  lines.flatMap((line) => {
    const found = pattern.exec(line);
    if (found === null) return [];
    const [, number, sp, returnAddress, a, b, c, d, site, trapFrame] = found;
    return [
      {
        number: number!,
        sp: sp!,
        returnAddress: returnAddress!,
        words: [a!, b!, c!, d!],
        site: site!,
        trapFrame,
      },
    ];
  });

const unknown = '????????`????????';

describe.skipIf(!hasShared)('kv of notmyfault_4a against the real debugger', () => {
  let session: Session;
  let text: readonly string[];
  let ours: Row[];
  let real: Row[];
  beforeAll(async () => {
    session = await openShared('notmyfault_4a/083125-14875-01.dmp');
    text = session.execute('kv').lines.map(lineText);
    ours = rowsOf(text);
    real = rowsOf(sharedText('dumps/notmyfault_4a/kv.txt').split(/\r?\n/));
  });

  it('has the same heading and the same number of frames', () => {
    const heading = sharedText('dumps/notmyfault_4a/kv.txt').split(/\r?\n/)[0]!;
    // The blank before the # was lost when the file was made.
    expect(text[0]!.trim()).toBe(heading.trim());
    expect(real.length).toBe(4);
    expect(ours.length).toBe(text.length - 1);
    expect(ours.length).toBe(real.length);
  });

  it('agrees on number, stack pointer, return address and trap frame of every frame', () => {
    const places = ({ number, sp, returnAddress, trapFrame }: Row) => ({
      number,
      sp,
      returnAddress,
      trapFrame,
    });
    // The real one shows zeros for what it cannot read: the user stack is not in the dump.
    const expected = real
      .map(places)
      .map((row, index) => (index === 3 ? { ...row, returnAddress: unknown } : row));
    expect(ours.map(places)).toEqual(expected);
  });

  it('agrees on the words of the arguments, but for those that are not in the dump', () => {
    expect(ours.slice(0, 2).map(({ words }) => words)).toEqual(real.slice(0, 2).map(({ words }) => words));
    for (const { words } of ours.slice(2)) expect(words).toEqual(Array.from({ length: 4 }, () => unknown));
    for (const { words } of real.slice(2)) expect(new Set(words)).toEqual(new Set(['00000000`00000000']));
  });

  it('names frames as far as can be told without symbols: the same module', () => {
    const moduleOf = ({ site }: Row) => /^\w+/.exec(site)![0];
    expect(ours.slice(0, 3).map(moduleOf)).toEqual(real.slice(0, 3).map(moduleOf));
    expect(ours[3]!.site).toBe(real[3]!.site);
  });

  it('marks the frames that were found by scanning', () => {
    expect(text.slice(1).map((line) => /\[(.*)\]$/.exec(line)?.[1])).toEqual([
      'context',
      'scan',
      'scan',
      'trap',
    ]);
  });

  it('knows the nonvolatile registers of the trap handler', () => {
    const { registers, carried } = session.execute('.frame /r 2').data as {
      registers: Record<string, bigint>;
      carried: Record<string, number>;
    };
    // Parameter 4 of this bug check is the handler's frame pointer.
    expect(registers['rbp']).toBe(session.system.target.dump.header.bugCheckParameters[3]);
    expect(Object.keys(carried)).not.toContain('rbp');
  });
});
