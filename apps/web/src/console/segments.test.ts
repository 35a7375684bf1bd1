import { describe, expect, it } from 'vitest';
import { hitRanges } from './damaged-text.ts';
import { lineToText, piecesOf } from './line-text.ts';
import { segmentsOf } from './segments.ts';

const start = 0xffff_fa80_01a1_b810n;
const damage = { start, end: start + 0x14n };
const hits = (line: string, range = damage) =>
  hitRanges(line, range).map(({ from, end }) => line.slice(from, end));

describe('damaged bytes in displays of memory', () => {
  it.each([
    [
      'bytes and their characters',
      'fffffa80`01a1b810  4f 4f 4f 4f 4f 4f 4f 4f-4f 4f 4f 4f 4f 4f 4f 57  OOOOOOOOOOOOOOOW',
      ['4f 4f 4f 4f 4f 4f 4f 4f-4f 4f 4f 4f 4f 4f 4f 57', 'OOOOOOOOOOOOOOOW'],
    ],
    [
      'the last of them',
      'fffffa80`01a1b820  41 42 43 44 45 46 47 48-49 4a 4b 4c 4d 4e 4f 50  ABCDEFGHIJKLMNOP',
      ['41 42 43 44', 'ABCD'],
    ],
    [
      'bytes before',
      'fffffa80`01a1b800  4f 4f 4f 4f 4f 4f 4f 4f-4f 4f 4f 4f 4f 4f 4f 4f  OOOOOOOOOOOOOOOO',
      [],
    ],
    [
      'bytes behind',
      'fffffa80`01a1b830  4f 4f 4f 4f 4f 4f 4f 4f-4f 4f 4f 4f 4f 4f 4f 4f  OOOOOOOOOOOOOOOO',
      [],
    ],
    ['words of 64 bits', 'fffffa80`01a1b820  4f4f4f4f`4f4f4f4f 00574f4c`46524556', ['4f4f4f4f`4f4f4f4f']],
    [
      'words of 32 bits',
      'fffffa80`01a1b810  4f4f4f4f 4f4f4f4f 4f4f4f4f 4f4f4f4f',
      ['4f4f4f4f 4f4f4f4f 4f4f4f4f 4f4f4f4f'],
    ],
    ['a line of something else', 'fffffa80`01a1b810 size:  810 previous size:    0  (Allocated)  None', []],
  ])('%s', (_name, line, wanted) => expect(hits(line)).toEqual(wanted));

  it('sign-extends addresses of 32 bits', () => {
    const range = { start: 0xffff_ffff_8012_3450n, end: 0xffff_ffff_8012_3452n };
    expect(
      hits('80123450  41 42 43 44 45 46 47 48-49 4a 4b 4c 4d 4e 4f 50  ABCDEFGHIJKLMNOP', range),
    ).toEqual(['41 42', 'AB']);
  });
});

describe('pieces of a text', () => {
  it('finds addresses of the kernel and names of code', () => {
    const text = 'call nt!KeBugCheckEx+0x12 (fffff800`92401f00), not 00000000`00001000';
    expect(piecesOf(text, 8).filter(({ kind }) => kind !== 'text')).toEqual([
      { text: 'nt!KeBugCheckEx+0x12', kind: 'code' },
      { text: 'fffff800`92401f00', kind: 'address' },
    ]);
  });

  it('loses nothing of the text', () => {
    const text = 'x nt!A fffff80092401f00 nt!B+0x1';
    expect(
      piecesOf(text, 8)
        .map((piece) => piece.text)
        .join(''),
    ).toBe(text);
    expect(piecesOf('', 8)).toEqual([]);
  });
});

describe('segments of a line', () => {
  it('keeps styles and commands, and marks what was found across them', () => {
    const line = ['ab', { text: 'cd', style: 'bad', command: '!pool 1' } as const, 'ef'];
    const segments = segmentsOf(line, { pointerSize: 8, search: 'bcde' });
    expect(segments.map(({ text, command, isFound }) => [text, command, isFound])).toEqual([
      ['a', undefined, false],
      ['b', undefined, true],
      ['cd', '!pool 1', true],
      ['e', undefined, true],
      ['f', undefined, false],
    ]);
  });

  it('shows nothing that turns the direction of writing or controls a terminal', () => {
    expect(lineToText(['a\u202eb\u001b[31m', { text: 'c\u0000' }])).toBe('a\ufffdb?[31mc?');
  });
});
