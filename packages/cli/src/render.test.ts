import { describe, expect, it } from 'vitest';
import { printable, renderLines } from './render.ts';

describe('what goes to a terminal', () => {
  it('holds no control characters, whatever a dump names its drivers', () => {
    expect(printable('evil\x1b]0;title\x07.sys\r\n\x9b31m')).toBe('evil?]0;title?.sys???31m');
    expect(printable('evil\u202esys.exe\u2066')).toBe('evil?sys.exe?');
    expect(renderLines([['a\x1b[2Jb', { text: 'c\nd', style: 'bad' }]], { isTTY: false }, true)).toBe(
      'a?[2Jbc?d\n',
    );
  });

  it('keeps letters of every language', () => {
    expect(printable('Übung – 測試.dmp')).toBe('Übung – 測試.dmp');
  });

  it('keeps tabs, which some commands of the debugger begin lines with', () => {
    expect(renderLines([['\t\tPooltag']], { isTTY: false }, false)).toBe('\t\tPooltag\n');
  });
});
