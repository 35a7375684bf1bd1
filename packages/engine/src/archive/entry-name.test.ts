import { describe, expect, it } from 'vitest';
import { decodeEntryName, printableName } from './entry-name.ts';

describe('decodeEntryName', () => {
  it('takes UTF-8 for UTF-8', () => {
    expect(decodeEntryName(new TextEncoder().encode('Absturz/Übung 日本 😀.dmp'))).toBe(
      'Absturz/Übung 日本 😀.dmp',
    );
  });

  it('takes anything else for code page 437', () => {
    expect(decodeEntryName(Uint8Array.of(0x9a, 0x62, 0x75, 0x6e, 0x67, 0x2e, 0x64, 0x6d, 0x70))).toBe(
      'Übung.dmp',
    );
    expect(decodeEntryName(Uint8Array.of(0x80, 0xff, 0xe1))).toBe('Ç\u00a0ß');
  });

  it('of no bytes is empty', () => {
    expect(decodeEntryName(new Uint8Array(0))).toBe('');
  });
});

describe('printableName', () => {
  it('lets no name speak to the terminal', () => {
    expect(printableName('a\x1b[2Jb\nc\u202ed\0')).toBe('a?[2Jb?c?d?');
  });

  it('cuts a name that is too long', () => {
    expect(printableName('x'.repeat(200))).toBe('x'.repeat(200));
    expect(printableName('x'.repeat(70_000))).toBe(`${'x'.repeat(200)}...`);
  });
});
