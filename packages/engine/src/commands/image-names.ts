/** Names that the debugger gives to numbers of image headers. */

export const machineNames: Readonly<Record<number, string>> = {
  0x14c: 'i386',
  0x8664: 'X64',
  0xaa64: 'ARM64',
};

export const fileFlags: readonly (readonly [bit: number, name: string])[] = [
  [0x0001, 'Relocations stripped'],
  [0x0002, 'Executable'],
  [0x0004, 'Line numbers stripped'],
  [0x0008, 'Symbols stripped'],
  [0x0020, 'App can handle >2gb addresses'],
  [0x0100, '32 bit word machine'],
  [0x0200, 'Debug information stripped'],
  [0x1000, 'System'],
  [0x2000, 'DLL'],
];

export const dllFlags: readonly (readonly [bit: number, name: string])[] = [
  [0x0020, 'High entropy VA supported'],
  [0x0040, 'Dynamic base'],
  [0x0080, 'Force integrity'],
  [0x0100, 'NX compatible'],
  [0x0200, 'No isolation'],
  [0x0400, 'No structured exception handler'],
  [0x0800, 'Do not bind'],
  [0x1000, 'App container'],
  [0x2000, 'WDM driver'],
  [0x4000, 'Guard'],
  [0x8000, 'Terminal server aware'],
];

export const subsystems: Readonly<Record<number, string>> = {
  0: 'Unknown',
  1: 'Native',
  2: 'Windows GUI',
  3: 'Windows CUI',
  10: 'EFI application',
  11: 'EFI boot service driver',
  12: 'EFI runtime driver',
  16: 'Windows boot application',
};

/** Data directories in their order. */
export const directoryNames = [
  'Export',
  'Import',
  'Resource',
  'Exception',
  'Security',
  'Base Relocation',
  'Debug',
  'Description',
  'Special',
  'Thread Storage',
  'Load Configuration',
  'Bound Import',
  'Import Address Table',
  'Delay Import',
  'COR20 Header',
  'Reserved',
] as const;

/** IMAGE_DEBUG_TYPE_*. */
export const debugTypes: Readonly<Record<number, string>> = {
  1: 'COFF',
  2: 'CODEVIEW',
  3: 'FPO',
  4: 'MISC',
  5: 'EXCEPTION',
  6: 'FIXUP',
  7: 'OMAP_TO',
  8: 'OMAP_FROM',
  9: 'BORLAND',
  11: 'CLSID',
  12: 'VC_FEATURE',
  13: 'POGO',
  14: 'ILTCG',
  15: 'MPX',
  16: 'REPRO',
  20: 'EX_DLLCHAR',
};
