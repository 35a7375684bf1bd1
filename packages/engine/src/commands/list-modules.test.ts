import { buildMachine, dumpBytes } from '@poolscope/lab';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { BufferSource, DebuggerError, lineText, openSession, type Session } from '../index.ts';
import { listModules } from './list-modules.ts';
import { parseModuleOptions } from './module-options.ts';
import { timeStampText, timeStampWords } from './time-stamp.ts';

let session: Session;
beforeAll(async () => {
  session = await openSession(new BufferSource(dumpBytes(buildMachine(), { type: 'bitmap-kernel' })));
});

const parse = (text: string) => parseModuleOptions(listModules, session.console, text);
const names = (command: string) => session.execute(command).lines.map(lineText);

describe('options of lm', () => {
  const nt = () => session.system.kernel!.base;

  it.each([
    ['v m nt', { verbose: true, name: 'nt' }],
    ['vm nt', { verbose: true, name: 'nt' }],
    ['Dvmnt', { verbose: true, name: 'nt' }],
    ['t n', { columns: new Set(['stamp', 'image']) }],
    ['tn', { columns: new Set(['stamp', 'image']) }],
    ['sm', { sortByName: true, name: undefined }],
    ['s m', { sortByName: true }],
    ['stm', { sortByName: true, columns: new Set(['stamp']) }],
    ['ksmv', { sortByName: true, verbose: true }],
    ['smm n*', { sortByName: true, name: 'n*' }],
    ['1m', { namesOnly: true, name: undefined }],
    ['1m s*', { namesOnly: true, name: 's*' }],
    ['1m m s*', { namesOnly: true, name: 's*' }],
    ['1m sm', { namesOnly: true, sortByName: true }],
    ['M *drivers*', { path: '*drivers*' }],
    ['o l', { loadedOnly: true, withSymbols: true }],
    ['u', { userMode: true }],
    ['uk', { userMode: false }],
  ])('%s', (text, expected) => {
    expect(parse(text)).toMatchObject(expected);
  });

  it('evaluates addresses', () => {
    for (const text of ['a nt', 'va nt', 'a (nt)', '1ma nt', '1m a nt'])
      expect(parse(text).address, text).toBe(nt());
  });

  it.each(['q', 's', 'm', 'a', 't t', 'a nosuch', 'nt x'])('refuses %s', (text) => {
    expect(() => parse(text)).toThrow(DebuggerError);
  });

  it('ends on any text, with an error of its own at most', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), (text) => {
        try {
          parse(text);
        } catch (error) {
          expect(error).toBeInstanceOf(DebuggerError);
        }
      }),
    );
  });
});

describe('lm', () => {
  it('prints columns where the debugger does', () => {
    expect(names('lm m netsamp')[1]).toMatch(/^[\da-f`]{17} [\da-f`]{17} {3}netsamp {4}\(no symbols\)$/);
    expect(names('lm m nt')[1]).toMatch(/ {3}nt {9}\(export symbols\) {7}ntoskrnl\.exe$/);
    expect(names('lm t n m nt')[1]).toMatch(/ {3}nt {7}ntoskrnl\.exe \*{5} Invalid \(A5[\dA-F]{6}\)$/);
  });

  it('finds by wildcards of the debugger', () => {
    expect(names('lm 1m m *[st]')).toEqual(['nt', 'storfilt']);
    expect(names('lm 1m m n+t')).toEqual(['nt']);
    expect(names('lm 1m M *\\\\drivers\\\\*')).toEqual(['storfilt', 'netsamp', 'sampledrv']);
  });
});

describe('time stamps', () => {
  it.each([
    [0x650c_66b5, false, 'Thu Sep 21 15:52:21 2023 (650C66B5)'],
    [0x650c_66b5, undefined, 'Thu Sep 21 15:52:21 2023 (650C66B5), or a hash of the image'],
    [0x650c_66b5, true, '650C66B5 (a hash of the image, not a time)'],
    [0x1a7b_e8e9, false, 'Mon Jan 30 16:29:29 1984 (1A7BE8E9)'],
    [0x1a7b_e8e9, undefined, '1A7BE8E9 (no time: a hash of the image, or invalid)'],
    [0x9fb1_de46, false, '***** Invalid (9FB1DE46)'],
    [0x9fb1_de46, true, '9FB1DE46 (a hash of the image, not a time)'],
    [undefined, undefined, 'unavailable'],
  ])('%s, a hash: %s', (stamp, isHash, text) => {
    expect(timeStampText(stamp, isHash)).toBe(text);
  });

  it('are told in words where their digits stand already', () => {
    expect(timeStampWords(0x650c_66b5, undefined)).toBe('Thu Sep 21 15:52:21 2023, or a hash of the image');
    expect(timeStampWords(0x9fb1_de46, true)).toBe('(a hash of the image, not a time)');
    expect(timeStampWords(0x9fb1_de46, false)).toBe('***** Invalid');
  });
});
