import { describe, expect, it } from 'vitest';
import { elementsBefore, elementsBehind } from './repeats.ts';

const size = 24;

/** Elements of 24 bytes: a kind, a counter, a pointer. */
function array(bytes: Uint8Array, at: number, count: number): void {
  for (let index = 0; index < count; index++)
    bytes.set(
      [
        7,
        0,
        0x5a,
        1,
        index,
        3,
        0,
        0,
        0x10 * index,
        0x40,
        0xa1,
        0x02,
        0x80,
        0xfa,
        0xff,
        0xff,
        9,
        9,
        1,
        0,
        0,
        0,
        0,
        0,
      ],
      at + index * size,
    );
}

describe('elements of an array', () => {
  it('are told behind the end of their block', () => {
    const bytes = new Uint8Array(1024).fill(0xee);
    array(bytes, 16, 12);
    const end = 16 + 10 * size;
    expect(elementsBehind(bytes, 16, end)).toMatchObject({ end: end + 2 * size });
  });

  it('are told before its start', () => {
    const bytes = new Uint8Array(1024).fill(0xee);
    array(bytes, 400 - 2 * size, 12);
    expect(elementsBefore(bytes, 0, 400)).toMatchObject({ start: 400 - 2 * size, end: 400 });
  });

  it('are not seen in zeros, in one value, or in data without a pattern', () => {
    const zeros = new Uint8Array(1024);
    const alike = new Uint8Array(1024).fill(0x4f);
    const noise = Uint8Array.from({ length: 1024 }, (_, at) => (at * at * 31 + at * 7) & 0xff);
    for (const bytes of [zeros, alike, noise]) {
      expect(elementsBehind(bytes, 16, 500)).toBeUndefined();
      expect(elementsBefore(bytes, 0, 500)).toBeUndefined();
    }
  });

  it('are not told by addresses alone, which are alike in their high bytes', () => {
    const bytes = new Uint8Array(1024);
    const view = new DataView(bytes.buffer);
    const words = [0x2f0n, 0xffff_e001_03eb_c5c0n, 0xffff_e001_03c2_d320n, 0xffff_e001_03c3_9608n];
    words.push(0xffff_e001_03c3_95e0n, 0xffff_e001_03c0_0000n, 0n, 0xffff_e001_03c1_0470n);
    words.forEach((word, index) => view.setBigUint64(384 + 8 * index, word, true));
    expect(elementsBefore(bytes, 0, 400)).toBeUndefined();
  });

  it('begin with the first byte that tells', () => {
    const bytes = new Uint8Array(1024).fill(0xee);
    array(bytes, 400 - size, 10);
    // The first 8 bytes differ in all of them, and so does a counter behind those; there is no address.
    for (let at = 400 - size; at < 400 + 9 * size; at += size) {
      bytes.fill(at / 8, at, at + 8);
      bytes.set([0x11, 0x22], at + 14);
    }
    expect(elementsBefore(bytes, 0, 400)).toMatchObject({ start: 400 - size + 9, end: 400 });
  });
});
