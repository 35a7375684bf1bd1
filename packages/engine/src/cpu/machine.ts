/** Processor architectures whose dumps are read. */
export type Machine = 'x64' | 'x86' | 'arm64';

/** IMAGE_FILE_MACHINE_* as PE headers and dump headers give it. */
export const machineOfImageType = (type: number): Machine | undefined =>
  type === 0x8664 ? 'x64' : type === 0x14c ? 'x86' : type === 0xaa64 ? 'arm64' : undefined;

/** Bytes in a pointer. */
export const pointerSize = (machine: Machine): 4 | 8 => (machine === 'x86' ? 4 : 8);
