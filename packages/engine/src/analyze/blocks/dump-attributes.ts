/**
 * Bits of DUMP_FILE_ATTRIBUTES: the name in mindumpdef.h, and the debugger's words for it where they have been seen. Bit 12 is
 * not in that header; the debugger calls it so (dumps with 0x1808 and 0x21808, against 0x8 and 0x800).
 */
const bits: readonly (readonly [bit: number, name: string, words: string])[] = [
  [0x1, 'HiberCrash', 'Hiber Crash'],
  [0x2, 'DumpDevicePowerOff', 'Dump Device Power Off'],
  [0x4, 'InsufficientDumpfileSize', 'Insufficient Dumpfile Size'],
  [0x8, 'KernelGeneratedTriageDump', 'Kernel Generated Triage Dump'],
  [0x10, 'LiveDumpGeneratedDump', 'Live Generated Dump'],
  [0x20, 'DumpIsGeneratedOffline', 'Dump Is Generated Offline'],
  [0x40, 'FilterDumpFile', 'Filter Dump File'],
  [0x80, 'EarlyBootCrash', 'Early Boot Crash'],
  [0x100, 'EncryptedDumpData', 'Encrypted Dump Data'],
  [0x200, 'DecryptedDump', 'Decrypted Dump'],
];
const diagnosticData = [0x1000, 'DiagDataWrittenToHeader'] as const;

/** The debugger's lines under DUMP_FILE_ATTRIBUTES. Bits without a public name add none. */
export const attributeWords = (attributes: number): string[] =>
  bits.filter(([bit]) => (attributes & bit) !== 0).map(([, , words]) => words);

/** Names of the bits that are set, as keys have them. */
export const attributeNames = (attributes: number): string[] =>
  [...bits, diagnosticData].filter(([bit]) => (attributes & bit) !== 0).map(([, name]) => name);
