import { describe, expect, it } from 'vitest';
import { plainFormat } from '../format.ts';
import type { PageBytes } from '../page-bytes.ts';
import { findAlignedHeader, firstHeaderOf } from './aligned-header.ts';
import { brokenHeaderRules, decodeHeapType } from './heap-header.ts';

const at = 0xffff_8a00_1234_5000n;
const format = plainFormat(8);
const cookie = 0x0123_4567_89ab_cdefn;

/** A block of 0x100 bytes at 0x50, whose data is aligned: its second header is at 0x70. */
function alignedBlock(change: (view: DataView) => void = () => undefined): PageBytes {
  const bytes = new Uint8Array(0x1000);
  const view = new DataView(bytes.buffer);
  const header = (offset: number, word: number) => {
    view.setUint32(offset, word, true);
    view.setUint32(offset + 4, 0x7473_6554, true);
  };
  header(0x50, 0x0210_0000);
  header(0x70, 0x060e_0002);
  change(view);
  return { address: at, bytes, mask: new Uint8Array(0x1000).fill(1), fault: undefined };
}

describe('a block whose data is aligned to a cache line', () => {
  it('HA-1: has a second header that names the distance to the first, its tag and what is left', () => {
    const found = findAlignedHeader(alignedBlock(), format, 0x50);
    expect(found).toMatchObject({ address: at + 0x70n, wrong: [] });
    expect(firstHeaderOf(found!.address, found!.header)).toBe(at + 0x50n);
  });

  it('HA-2: what is not such a header in all its parts are bytes of the user', () => {
    for (const [offset, byte] of [
      [0x70, 3],
      [0x72, 0x0d],
      [0x73, 0x02],
      [0x75, 0x41],
    ] as const) {
      const page = alignedBlock((view) => view.setUint8(offset, byte));
      expect(findAlignedHeader(page, format, 0x50)).toBeUndefined();
    }
    // Aligned as it is: one header does for both.
    expect(findAlignedHeader(alignedBlock(), format, 0x30)).toBeUndefined();
  });

  it('HA-3: with the pointer behind the first header a changed second one is found', () => {
    const page = alignedBlock((view) => {
      view.setBigUint64(0x60, (at + 0x70n) ^ cookie, true);
      view.setUint32(0x74, 0x4141_4141, true);
    });
    expect(findAlignedHeader(page, format, 0x50)).toBeUndefined();
    expect(findAlignedHeader(page, format, 0x50, cookie)).toMatchObject({ wrong: ['tag'] });
  });

  it('HA-4: a free goes back as far as a header with bit 2 says, whatever is there', () => {
    const header = { previousSize: 0x150, index: 0, size: 0x40, type: 6, tag: 0 };
    expect(firstHeaderOf(at + 0x200n, header)).toBe(at + 0xb0n);
    expect(firstHeaderOf(at + 0x200n, { ...header, type: 2 })).toBeUndefined();
  });
});

describe('types of headers', () => {
  it('HA-5: have bit 1, and no others than those that the pool writes', () => {
    const valid = [0x02, 0x03, 0x06, 0x0b, 0x23, 0x2b, 0x42];
    for (const type of valid) expect(decodeHeapType(type).isValid).toBe(true);
    for (const type of [0x00, 0x01, 0x04, 0x12, 0x82, 0xff]) expect(decodeHeapType(type).isValid).toBe(false);
  });

  it('HA-5: at the start of a block have no bit 2, and nothing before them', () => {
    const limits = { size: 0x40, paged: undefined };
    const good = { size: 0x40, previousSize: 0, type: 0x2b };
    expect(brokenHeaderRules(good, limits)).toEqual([]);
    expect(brokenHeaderRules({ ...good, type: 0x06, previousSize: 0x10 }, limits)).toEqual([
      'header-previous-size',
      'header-type',
    ]);
    expect(brokenHeaderRules(good, { size: 0x50, paged: false })).toEqual(['header-size', 'header-type']);
  });
});
