import type { Va } from '@poolscope/engine/base';

/**
 * Addresses inside the pool are numbers: the signed value of a canonical address, which a number holds exactly
 * (48 bits; on x86 the sign-extended 32). A value that is not canonical becomes a number outside that range.
 */
export type KernelAddress = number;

const canonicalLimit = 2 ** 47;

export const isCanonical = (address: KernelAddress): boolean =>
  address >= -canonicalLimit && address < canonicalLimit;

export const toKernelAddress = (va: Va): KernelAddress => Number(BigInt.asIntN(64, va));

/** Of a canonical address. */
export const toVa = (address: KernelAddress): Va => BigInt.asUintN(64, BigInt(address));

export const pageNumberOf = (address: KernelAddress): number => Math.floor(address / 0x1000);

/** Low 12 bits; the conversion to 32 bits keeps them for negative numbers too. */
export const offsetInPage = (address: KernelAddress): number => address & 0xfff;
