import { describe, expect, it } from 'vitest';
import { decodeType } from './block-type.ts';
import { plainFormat } from './format.ts';
import { decodeHeader, tagText } from './header.ts';

describe('types of blocks', () => {
  it.each([
    [0, 'free', undefined, false, true],
    [2, 'allocated', false, false, true],
    [3, 'allocated', true, false, true],
    [4, 'cached', false, false, true],
    [0xa, 'allocated', false, true, true],
    [0x23, 'allocated', true, false, true],
    [6, 'allocated', false, false, false],
    [1, 'free', true, false, false],
    [0x82, 'allocated', false, false, false],
  ] as const)('PL-10: %d from Vista on', (type, state, paged, quota, isValid) => {
    expect(decodeType(type, 'in-use-bit')).toMatchObject({ state, paged, quota, isValid });
  });

  it.each([
    [0, false, 'free', undefined],
    [1, false, 'allocated', false],
    [2, false, 'allocated', true],
    [5, true, 'allocated', false],
    [6, true, 'allocated', true],
    [1, true, 'cached', false],
  ] as const)('PL-11: %d of Windows XP and Server 2003', (type, usesInUseBit, state, paged) => {
    expect(decodeType(type, 'plus-one', usesInUseBit)).toMatchObject({ state, paged, isValid: true });
  });

  it('base types that do not exist are not valid there', () => {
    expect(decodeType(3, 'plus-one').isValid).toBe(false);
    expect(decodeType(8, 'plus-one').isValid).toBe(false);
  });
});

describe('headers', () => {
  const bytes = (...words: number[]): Uint8Array => new Uint8Array(new Uint32Array(words).buffer);

  it('PL-12: the Event object of a public log of Windows 7, x86', () => {
    const header = decodeHeader(bytes(0x0408_0008, 0xee65_7645), 0, plainFormat(4));
    expect(header).toMatchObject({ previousSize: 0x40, index: 0, size: 0x40, type: 2 });
    expect(tagText(header.tag)).toBe('Even');
  });

  it('the contents that bug check C2 names of a block that was freed, x64', () => {
    const header = decodeHeader(bytes(0x0481_0007, 0), 0, plainFormat(8));
    expect(header).toMatchObject({ previousSize: 0x70, index: 0, size: 0x810, type: 4 });
  });
});
