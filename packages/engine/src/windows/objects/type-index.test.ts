import { describe, expect, it } from 'vitest';
import { solveTypeIndex, type Witness } from './type-index.ts';

const at = (header: bigint, stored: number, index: number): Witness => ({ header, stored, index });

describe('how headers store types', () => {
  it('is known from the cookie where symbols name it', () => {
    const code = solveTypeIndex([], 0x5a);
    expect(code).toMatchObject({ cookie: 0x5a, from: 'nt!ObHeaderCookie' });
    expect(code!.decode(0x5a ^ 0x12 ^ 7, 0xffff_8000_0000_1230n)).toBe(7);
  });

  it('is plain where objects of known types say so', () => {
    const code = solveTypeIndex([at(0x1000n, 2, 2), at(0x1200n, 2, 2), at(0x1300n, 3, 3)], undefined);
    expect(code).toMatchObject({ cookie: undefined, from: '3 objects of known types' });
    expect(code!.decode(9, 0xff00n)).toBe(9);
  });

  it('is a cookie where they agree on one', () => {
    const disguise = (header: bigint, index: number) =>
      at(header, index ^ Number((header >> 8n) & 0xffn) ^ 0xa7, index);
    const witnesses = [disguise(0x1030n, 2), disguise(0x2230n, 3), disguise(0xff30n, 7)];
    const code = solveTypeIndex(witnesses, undefined)!;
    expect(code.cookie).toBe(0xa7);
    expect(witnesses.map(({ header, stored }) => code.decode(stored, header))).toEqual([2, 3, 7]);
    // One damaged header does not outvote them, and is not followed.
    expect(solveTypeIndex([...witnesses, at(0x4430n, 0, 2)], undefined)?.cookie).toBe(0xa7);
  });

  it.each([
    ['nothing', []],
    ['one object', [at(0x1030n, 0x55, 2)]],
    ['objects in the same 256 bytes, which tell the same', [at(0x1030n, 2, 2), at(0x1090n, 2, 2)]],
    ['objects that disagree', [at(0x1030n, 2, 2), at(0x2230n, 0x77, 2)]],
  ])('is not known from %s', (_name, witnesses) => {
    expect(solveTypeIndex(witnesses, undefined)).toBeUndefined();
  });
});
