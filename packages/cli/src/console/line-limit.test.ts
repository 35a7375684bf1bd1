import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineLimit } from './line-limit.ts';

async function through(longest: number, chunks: readonly (string | Uint8Array)[]): Promise<string> {
  const limit = new LineLimit(longest);
  const passed: Buffer[] = [];
  limit.on('data', (chunk: Buffer) => passed.push(chunk));
  for (const chunk of chunks) limit.write(chunk);
  limit.end();
  await new Promise((resolve) => limit.once('end', resolve));
  return Buffer.concat(passed).toString();
}

describe('the limit of a typed line', () => {
  it('lets lines pass and cuts those that are too long', async () => {
    expect(await through(5, ['12345\r', '123456789\r', 'abc\n'])).toBe('12345\r12345\rabc\n');
    expect(await through(5, ['123', '456', '789\rok\r'])).toBe('12345\rok\r');
  });

  it('counts characters, not bytes', async () => {
    expect(await through(3, ['äöüß\r'])).toBe('äöü\r');
    expect(await through(2, ['😀😀😀\r'])).toBe('😀😀\r');
    const split = Buffer.from('ä');
    expect(await through(1, [split.subarray(0, 1), split.subarray(1), 'x\r'])).toBe('ä\r');
  });

  it('always passes the keys that edit or end the line', async () => {
    expect(await through(3, ['abc', '\x7f', 'de\r'])).toBe('abc\x7fd\r');
    expect(await through(3, ['abcdef', '\x03', 'xyz\r'])).toBe('abc\x03xyz\r');
    expect(await through(3, ['abcdef', '\x1b[A', '\x1b[1;5D', '\r'])).toBe('abc\x1b[A\x1b[1;5D\r');
    expect(await through(3, ['abcdef\x15xyz\r'])).toBe('abc\x15xyz\r');
  });

  it('passes no line that is too long, in whatever pieces it comes', async () => {
    const chunk = fc.string({ unit: fc.constantFrom('a', 'b', '\r', '\n', ' ', '\t', 'é'), minLength: 1 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(chunk, { minLength: 1 }),
        fc.integer({ min: 1, max: 9 }),
        async (chunks, longest) => {
          const lines = (text: string) => text.split(/\r|\n/);
          const passed = await through(longest, chunks);
          expect(lines(passed)).toEqual(lines(chunks.join('')).map((line) => line.slice(0, longest)));
        },
      ),
    );
  });
});
