import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressesAround, patternOf, payloadAt } from './payload.ts';

const noise = (length: number): Uint8Array => Uint8Array.from({ length }, (_, at) => 0x80 + ((at * 37) % 61));

const place = (bytes: Uint8Array, at: number, text: string, unit = 1): Uint8Array => {
  for (let index = 0; index < text.length; index++) bytes[at + index * unit] = text.charCodeAt(index);
  if (unit === 2) for (let index = 0; index < text.length; index++) bytes[at + index * 2 + 1] = 0;
  return bytes;
};

describe('what bytes are', () => {
  it('is a text with its NUL', () => {
    const bytes = place(noise(200), 40, 'a path too long\0');
    expect(payloadAt(bytes, 48)).toEqual({ start: 40, end: 56, pattern: 'text', text: 'a path too long' });
  });

  it('is a text in which one word was set since, and no two texts with something between them', () => {
    const bytes = place(place(noise(200), 41, 'a line of text,'), 64, '2 more of it\r\n');
    expect(payloadAt(bytes, 44)).toMatchObject({
      start: 41,
      end: 78,
      text: 'a line of text,........2 more of it\r\n',
    });
    expect(payloadAt(bytes, 66)).toMatchObject({ start: 64, end: 78 });
    // Behind its NUL a text does not go on, nor from an odd place.
    bytes[56] = 0;
    expect(payloadAt(bytes, 44)).toMatchObject({ end: 57, text: 'a line of text,' });
    expect(
      payloadAt(place(place(noise(200), 41, 'a line of text'), 63, '2 more of it\r\n'), 44),
    ).toMatchObject({ end: 55 });
  });

  it('is a text of two bytes a character, wherever it is asked about', () => {
    const bytes = place(noise(200), 40, 'C:\\report', 2);
    for (const at of [40, 41, 50])
      expect(payloadAt(bytes, at)).toMatchObject({ start: 40, end: 58, pattern: 'text', text: 'C:\\report' });
  });

  it('is one byte or one value repeated', () => {
    expect(payloadAt(noise(100).fill(0x4f, 30, 60), 44)).toMatchObject({
      start: 30,
      end: 60,
      pattern: 'fill',
    });
    expect(payloadAt(noise(100).fill(0, 30, 60), 44)).toMatchObject({ start: 30, end: 60, pattern: 'zeros' });
    const values = noise(100);
    for (let at = 32; at < 64; at++) values[at] = [0x15, 0x86, 0x9f, 0x46, 0x23, 0xe1, 0xd9, 1][at % 8]!;
    expect(payloadAt(values, 40)).toMatchObject({ start: 32, end: 64, pattern: 'fill' });
  });

  it('takes nothing from before the lowest offset', () => {
    const bytes = place(noise(200), 40, 'a text that begins too early');
    expect(payloadAt(bytes, 60, 50)).toMatchObject({ start: 50, end: 68 });
  });

  it('lies around the place it is asked about, in any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.nat(299), (bytes, wanted) => {
        const at = wanted % bytes.length;
        const found = payloadAt(bytes, at);
        if (found === undefined) return;
        expect(found.start).toBeGreaterThanOrEqual(0);
        expect(found.end).toBeLessThanOrEqual(bytes.length);
        expect(found.start).toBeLessThanOrEqual(at);
        expect(found.end).toBeGreaterThan(at);
      }),
    );
  });
});

describe('addresses behind one another', () => {
  const [vtable, list, other] = [0xffff_f804_2164_3070n, 0xffff_f804_2164_3800n, 0xffff_f804_2164_1040n];
  const bytesOf = (words: readonly bigint[]): Uint8Array =>
    new Uint8Array(new BigUint64Array(words).buffer.slice(0));
  const element = (index: number): bigint[] => [vtable, list + BigInt(index * 16)];
  const elements = (count: number): bigint[] =>
    Array.from({ length: count }, (_, index) => element(index)).flat();

  it('end where the elements of an array do, before the addresses of somebody else', () => {
    const bytes = bytesOf([0n, ...elements(6), list, other, other, 0n]);
    expect(addressesAround(bytes, 0x38, 0, 8)).toMatchObject({ start: 8, end: 0x68, pattern: 'pointers' });
  });

  it('go on to the last of them where none is the same again and again', () => {
    const bytes = bytesOf([0n, ...Array.from({ length: 9 }, (_, index) => list + BigInt(index * 24)), 0n]);
    expect(addressesAround(bytes, 0x20, 0, 8)).toMatchObject({ start: 8, end: 0x50 });
  });

  it('are not cut by two that happen to be equal', () => {
    const words = [list, other, vtable, list + 8n, vtable, list + 24n, other + 8n];
    expect(addressesAround(bytesOf([...words, 0n]), 0x18, 0, 8)).toMatchObject({ start: 0, end: 0x38 });
  });
});

it('a run of one value with other data around it is no run', () => {
  const run = (pattern: 'zeros' | 'fill' | 'text') => ({ start: 0, end: 8, pattern, text: undefined });
  const mixed = Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0);
  expect(patternOf(mixed, run('zeros'))).toBe('mixed');
  expect(patternOf(mixed, run('fill'))).toBe('mixed');
  expect(patternOf(mixed, run('text'))).toBe('text');
  expect(patternOf(new Uint8Array(8), run('zeros'))).toBe('zeros');
  expect(patternOf(new Uint8Array(8).fill(0xcc), run('fill'))).toBe('fill');
});
