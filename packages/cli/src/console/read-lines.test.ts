import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLines } from './read-lines.ts';

async function linesOf(chunks: readonly string[], longest = 100) {
  const lines = [];
  for await (const line of readLines(Readable.from(chunks), longest)) lines.push(line);
  return lines;
}

describe('lines of a stream', () => {
  it('end with LF or CR LF, the last one also with the stream', async () => {
    const lines = await linesOf(['r\nk', ' 5\r', '\n\nlm']);
    expect(lines.map(({ text }) => text)).toEqual(['r', 'k 5', '', 'lm']);
    expect(lines.every(({ isTooLong }) => !isTooLong)).toBe(true);
    expect(await linesOf([])).toEqual([]);
  });

  it('are cut, and say so, when they are too long', async () => {
    expect(await linesOf(['abcd', 'ef\nabc\nabcd'], 3)).toEqual([
      { text: 'abc', isTooLong: true },
      { text: 'abc', isTooLong: false },
      { text: 'abc', isTooLong: true },
    ]);
  });

  it('are the same in whatever pieces they come', async () => {
    const chunks = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '\n', ' '), minLength: 1 }));
    await fc.assert(
      fc.asyncProperty(chunks, fc.integer({ min: 1, max: 20 }), async (pieces, longest) => {
        expect(await linesOf(pieces, longest)).toEqual(await linesOf([pieces.join('')], longest));
      }),
    );
  });
});
