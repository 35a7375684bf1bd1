import { describe, expect, it } from 'vitest';
import { attributeNames, attributeWords } from './dump-attributes.ts';

describe('dump attributes', () => {
  it.each([
    [0x8, ['Kernel Generated Triage Dump'], ['KernelGeneratedTriageDump']],
    [
      0xc,
      ['Insufficient Dumpfile Size', 'Kernel Generated Triage Dump'],
      ['InsufficientDumpfileSize', 'KernelGeneratedTriageDump'],
    ],
    [0x10, ['Live Generated Dump'], ['LiveDumpGeneratedDump']],
    [0x21808, ['Kernel Generated Triage Dump'], ['KernelGeneratedTriageDump', 'DiagDataWrittenToHeader']],
    [0x800, [], []],
    [0, [], []],
  ])('%i', (attributes, words, names) => {
    expect(attributeWords(attributes)).toEqual(words);
    expect(attributeNames(attributes)).toEqual(names);
  });

  it('names each of the ten documented bits', () => {
    expect(attributeWords(0x3ff)).toHaveLength(10);
    expect(new Set(attributeNames(0xffff_ffff)).size).toBe(11);
  });
});
