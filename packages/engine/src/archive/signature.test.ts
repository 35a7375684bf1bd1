import { describe, expect, it } from 'vitest';
import { describeArchive, detectArchive, detectDump, rejectOtherArchive } from './signature.ts';

const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

describe('detectArchive', () => {
  it.each([
    ['\x1f\x8b\x08\0\0\0\0\0', 'gz'],
    ['PK\x03\x04\x14\0\0\0', 'zip'],
    ['PK\x05\x06\0\0\0\0', 'zip'],
    ['PK\x07\x08PK\x03\x04', 'zip'],
    ['7z\xbc\xaf\x27\x1c\0\x04', '7z'],
    ['PAGEDU64', undefined],
    ['PK\x01\x02\0\0\0\0', undefined],
    ['\x1f', undefined],
    ['', undefined],
  ])('of %j is %s', (text, kind) => {
    expect(detectArchive(bytes(text))).toBe(kind);
  });
});

describe('detectDump', () => {
  it.each([
    ['PAGEDUMP', 'kernel'],
    ['PAGEDU64 and more', 'kernel'],
    ['MDMP\x93\xa7\0\0', 'user'],
    ['PAGEDU6', undefined],
    ['PAGE', undefined],
    ['pagedump', undefined],
  ])('of %j is %s', (text, kind) => {
    expect(detectDump(bytes(text))).toBe(kind);
  });
});

describe('rejectOtherArchive', () => {
  it.each([
    ['Rar!\x1a\x07\x01\0', 'a RAR archive'],
    ['\xfd7zXZ\0\0\x04', 'an xz file'],
    ['BZh91AY&', 'a bzip2 file'],
    ['\x28\xb5\x2f\xfd\x04\x58\0\0', 'a Zstandard file'],
    ['MSCF\0\0\0\0', 'a cabinet file'],
    [`${'x'.repeat(257)}ustar  `, 'a tar archive'],
  ])('names %j', (text, name) => {
    const attempt = () => rejectOtherArchive(bytes(text));
    expect(attempt).toThrow(expect.objectContaining({ code: 'ARCHIVE_UNSUPPORTED' }));
    expect(attempt).toThrow(name);
  });

  it('lets everything else pass', () => {
    const dump = `PAGEDU64${'x'.repeat(249)}ustar`;
    for (const text of ['PAGEDU64', dump, '', 'hello', 'PK\x03\x04\0\0\0\0']) {
      expect(() => rejectOtherArchive(bytes(text))).not.toThrow();
    }
  });
});

describe('describeArchive', () => {
  it('knows a tar archive by its mark', () => {
    expect(describeArchive(bytes(`${'x'.repeat(257)}ustar\0`))).toBe('a tar archive');
    expect(describeArchive(bytes(`${'x'.repeat(256)}ustar\0`))).toBeUndefined();
  });

  it('knows what is opened and what is not', () => {
    expect(describeArchive(bytes('PK\x03\x04\0\0\0\0'))).toBe('a zip archive');
    expect(describeArchive(bytes('BZh91AY&'))).toBe('a bzip2 file');
    expect(describeArchive(bytes('PAGEDU64'))).toBeUndefined();
  });
});
