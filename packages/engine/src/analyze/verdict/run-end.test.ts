import { describe, expect, it } from 'vitest';
import { payloadAt } from './payload.ts';
import { seenEnd } from './run-end.ts';

const bytesOf = (...parts: readonly (string | readonly number[])[]): Uint8Array =>
  Uint8Array.from(
    parts.flatMap((part) =>
      typeof part === 'string' ? Array.from(part, (letter) => letter.charCodeAt(0)) : part,
    ),
  );

const endOf = (bytes: Uint8Array): number | undefined => seenEnd(bytes, payloadAt(bytes, 0)!, bytes.length);

describe('the end of a run', () => {
  it('of a text is where bytes follow that are no letters', () => {
    expect(endOf(bytesOf('letters', [0x80, 0xff, 0x91, 1, 2, 3, 4, 5]))).toBe(7);
  });

  it('is not to be seen where letters stand among what follows, as they do in data without order', () => {
    expect(endOf(bytesOf('letters', [0x80, 0x41, 0x91, 1, 2, 3, 4, 5]))).toBeUndefined();
  });

  it('has the NUL of a text in it, unless more zeros follow', () => {
    expect(endOf(bytesOf('letters', [0, 0x80, 0xff, 0x91, 1, 2, 3, 4]))).toBe(8);
    expect(endOf(bytesOf('letters', [0, 0, 0, 0, 0, 0, 0, 0]))).toBe(7);
  });

  it('of one value is where another one follows; of zeros it is never known', () => {
    expect(endOf(bytesOf(Array(12).fill(0xdd), [1, 2, 3]))).toBe(12);
    expect(endOf(bytesOf(Array(12).fill(0), [1, 2, 3]))).toBeUndefined();
  });
});
