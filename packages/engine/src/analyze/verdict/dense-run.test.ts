import { describe, expect, it } from 'vitest';
import { denseOver } from './dense-run.ts';

const [body, at, own, last] = [0x110, 0x1a0, 0x1b0, 0x2a0];
const place = { body, at, own, last };

/** Small numbers with gaps, as structures of the kernel have them. */
function memory(): Uint8Array {
  const bytes = new Uint8Array(0x1000);
  for (let offset = 0; offset < bytes.length; offset += 8) bytes[offset] = offset / 8;
  return bytes;
}

const fill = (bytes: Uint8Array, from: number, end: number): Uint8Array => {
  for (let offset = from; offset < end; offset++) bytes[offset] = 0x81 + ((offset * 37) % 113);
  return bytes;
};

describe('data without gaps over the end of a block', () => {
  it('is found from where it begins to where it ends', () => {
    expect(denseOver(fill(memory(), 0x168, 0x1d8), place)).toEqual({
      start: 0x168,
      end: 0x1d8,
      pattern: 'mixed',
      text: undefined,
    });
  });

  it('is none that ends with the header, or has no more than a word or two in the block', () => {
    expect(denseOver(fill(memory(), 0x168, own), place)).toBeUndefined();
    expect(denseOver(fill(memory(), at - 0x10, 0x1d8), place)).toBeUndefined();
    expect(denseOver(memory(), place)).toBeUndefined();
  });

  it('is given where it fills one line, and left to others where it may be what a device wrote', () => {
    expect(denseOver(fill(memory(), 0x180, 0x1c0), place)).toMatchObject({ start: 0x180, end: 0x1c0 });
    expect(denseOver(fill(memory(), 0x140, 0x1c0), place)).toBeUndefined();
    expect(denseOver(fill(memory(), 0x148, 0x1c0), place)).toBeUndefined();
    const sector = { body: 0x1d0, at: 0x240, own: 0x250, last: 0x300 };
    expect(denseOver(fill(memory(), 0x200, 0x278), sector)).toBeUndefined();
    expect(denseOver(fill(memory(), 0x1f8, 0x278), sector)).toMatchObject({ start: 0x1f8 });
  });

  it('tells nothing where all memory is like it, or the header in front is of it', () => {
    expect(denseOver(fill(memory(), 0, 0x1000), place)).toBeUndefined();
    expect(denseOver(fill(memory(), 0xe0, 0x1d8), place)).toBeUndefined();
    expect(denseOver(fill(memory(), body, 0x1d8), place)).toMatchObject({ start: body });
  });

  it('goes no further than the next header', () => {
    expect(denseOver(fill(memory(), 0x168, 0x2c8), place)).toMatchObject({ end: last });
  });

  it('has neither addresses nor text in it', () => {
    const bytes = fill(memory(), 0x168, 0x1d8);
    bytes.set([0x30, 0xc4, 0xc6, 0x04, 0x80, 0xfa, 0xff, 0xff], 0x180);
    expect(denseOver(bytes, place)).toMatchObject({ start: 0x188 });
    bytes.set(new TextEncoder().encode('Services'), 0x190);
    expect(denseOver(bytes, place)).toBeUndefined();
  });
});
