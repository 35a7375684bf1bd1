import { describe, expect, it } from 'vitest';
import {
  demandZeroPte,
  pageFilePte,
  pageFilePte32,
  prototypePte,
  transitionPte,
  transitionPte32,
} from './software-pte.ts';

const field = (value: bigint, low: number, count: number): number =>
  Number((value >> BigInt(low)) & ((1n << BigInt(count)) - 1n));

describe('entries that are not valid', () => {
  it.each([
    ['transition', transitionPte(0x1_66b7)],
    ['page file', pageFilePte(2, 0x1b_beda)],
    ['demand zero', demandZeroPte()],
    ['prototype', prototypePte(0xffff_8a00_1234_5678n)],
  ])('%s has its valid bit clear', (_name, entry) => {
    expect(entry & 1n).toBe(0n);
    expect(entry).toBeLessThan(1n << 64n);
  });

  it('hold the page of a transition', () => {
    const entry = transitionPte(0x1_66b7);
    expect([field(entry, 12, 36), field(entry, 11, 1), field(entry, 10, 1), field(entry, 5, 5)]).toEqual([
      0x1_66b7, 1, 0, 4,
    ]);
    expect(field(transitionPte32(0x6_66b7), 12, 20)).toBe(0x6_66b7);
  });

  it('hold number and offset of a page file', () => {
    const entry = pageFilePte(2, 0x1b_beda, 6);
    expect([field(entry, 32, 32), field(entry, 12, 4), field(entry, 10, 2), field(entry, 5, 5)]).toEqual([
      0x1b_beda, 2, 0, 6,
    ]);
    const narrow = pageFilePte32(3, 0x1_bbed);
    expect([field(narrow, 12, 20), field(narrow, 1, 4), field(narrow, 10, 2), field(narrow, 5, 5)]).toEqual([
      0x1_bbed, 3, 0, 4,
    ]);
  });

  it('hold the sign-extended address of a prototype', () => {
    const entry = prototypePte(0xffff_8a00_1234_5678n);
    expect(BigInt.asUintN(64, BigInt.asIntN(64, entry) >> 16n)).toBe(0xffff_8a00_1234_5678n);
    expect(field(entry, 10, 1)).toBe(1);
  });

  it('say nothing but the protection for demand zero', () => {
    expect(demandZeroPte(4)).toBe(0x80n);
  });
});
