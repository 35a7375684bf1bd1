import { describe, expect, it } from 'vitest';
import { arrayOver, islandBefore, looksLikeElement } from './continuation.ts';

/** A parsed option: a kind and a length of two bytes, two numbers, and a small one. */
const option = (index: number): number[] => [
  5 + index,
  0,
  0x20 + index,
  0,
  0x5b,
  0x5a,
  0xc5 ^ index,
  0x48,
  0xfe,
  0x07,
  0x29,
  0x66 ^ index,
  1,
  0,
  0,
  0,
];
const noise = (length: number): number[] => Array.from({ length }, (_, at) => ((at * 167 + 13) & 0xff) | 1);
const zeros = (length: number): number[] => new Array<number>(length).fill(0);

/** A block of 0x40 bytes whose end is at 0x40, with data over that. */
const over = (data: readonly number[], inside: number): Uint8Array => {
  const bytes = new Uint8Array(0x80);
  bytes.set(data, 0x40 - inside);
  return bytes;
};

describe('data alone at the end of a block', () => {
  const options = [0, 1, 2, 3, 4].flatMap(option);

  it('that goes on behind it in elements with the same zeros is an array', () => {
    const bytes = over(options, 0x30);
    expect(islandBefore(bytes, 0, 0x40)).toBe(0x10);
    expect(arrayOver(bytes, 0x10, 0x40, 0x60)).toBe(0x60);
  });

  it('without order is none, nor is one that does not go on', () => {
    expect(arrayOver(over(noise(0x50), 0x30), 0x10, 0x40, 0x60)).toBeUndefined();
    expect(arrayOver(over(options.slice(0, 0x30), 0x30), 0x10, 0x40, 0x40)).toBeUndefined();
    expect(arrayOver(over(zeros(0x50), 0x30), 0x10, 0x40, 0x60)).toBeUndefined();
  });

  it('begins behind fewer zeros in a free block, where that is asked for', () => {
    const bytes = new Uint8Array([...noise(0x28), ...zeros(8), ...noise(0x30)]);
    expect(islandBefore(bytes, 0, 0x40)).toBeUndefined();
    expect(islandBefore(bytes, 0, 0x40, 8)).toBe(0x30);
  });
});

describe('bytes over the header of a chunk', () => {
  it('are an element where numbers leave room', () => {
    expect(looksLikeElement(Uint8Array.from(option(1)), 16)).toBe(true);
    expect(looksLikeElement(Uint8Array.from(option(1)), 12)).toBe(true);
  });

  it('are none without order, as zeros, or where few of them changed', () => {
    expect(looksLikeElement(Uint8Array.from(noise(16)), 16)).toBe(false);
    expect(looksLikeElement(Uint8Array.from([...noise(12), ...zeros(4)]), 12)).toBe(false);
    expect(looksLikeElement(Uint8Array.from(zeros(16)), 16)).toBe(false);
    expect(looksLikeElement(Uint8Array.from(option(1)), 8)).toBe(false);
  });
});
