import type { BugCheckFacts } from './types.ts';

/** Values of parameters as text: hexadecimal without prefix or padding, as the debugger prints sub-codes. */
export const hex = (value: bigint | number): string => value.toString(16);

/** The low 32 bits: exception codes and statuses are sign-extended in 64-bit dumps. */
export const low32 = (value: bigint): number => Number(BigInt.asUintN(32, value));

const commonLevels: readonly string[] = ['PASSIVE_LEVEL', 'APC_LEVEL', 'DISPATCH_LEVEL'];

/** wdm.h gives the upper levels other numbers on x86. */
const upperLevels: Readonly<Record<BugCheckFacts['machine'], Readonly<Record<number, string>>>> = {
  x64: { 13: 'CLOCK_LEVEL', 14: 'IPI_LEVEL', 15: 'HIGH_LEVEL' },
  arm64: { 13: 'CLOCK_LEVEL', 14: 'IPI_LEVEL', 15: 'HIGH_LEVEL' },
  x86: { 27: 'PROFILE_LEVEL', 28: 'CLOCK_LEVEL', 29: 'IPI_LEVEL', 30: 'POWER_LEVEL', 31: 'HIGH_LEVEL' },
};

/** Name of an IRQL. Dumps also hold 0xFF here, which is no level. */
export function irqlName(value: bigint, machine: BugCheckFacts['machine']): string {
  const highest = machine === 'x86' ? 31n : 15n;
  if (value > highest) return 'not a level';
  const level = Number(value);
  return commonLevels[level] ?? upperLevels[machine][level] ?? 'above DISPATCH_LEVEL';
}

/** POOL_TYPE of wdm.h. */
const poolTypes: Readonly<Record<number, string>> = {
  0x0: 'NonPagedPool',
  0x1: 'PagedPool',
  0x2: 'NonPagedPoolMustSucceed',
  0x4: 'NonPagedPoolCacheAligned',
  0x5: 'PagedPoolCacheAligned',
  0x6: 'NonPagedPoolCacheAlignedMustS',
  0x20: 'NonPagedPoolSession',
  0x21: 'PagedPoolSession',
  0x22: 'NonPagedPoolMustSucceedSession',
  0x24: 'NonPagedPoolCacheAlignedSession',
  0x25: 'PagedPoolCacheAlignedSession',
  0x26: 'NonPagedPoolCacheAlignedMustSSession',
  0x200: 'NonPagedPoolNx',
  0x204: 'NonPagedPoolNxCacheAligned',
  0x220: 'NonPagedPoolSessionNx',
};

/** Name of a pool type. Callers may add flags of their own: then bit 0, paged or not, is all that is told. */
export const poolTypeName = (value: bigint): string =>
  poolTypes[low32(value)] ?? ((value & 1n) === 0n ? 'nonpaged, with flags' : 'paged, with flags');

/** The four characters of a pool tag, `.` for what cannot be printed. */
export function tagText(value: bigint): string {
  const tag = low32(value);
  return [0, 8, 16, 24]
    .map((shift) => (tag >>> shift) & 0xff)
    .map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'))
    .join('');
}
