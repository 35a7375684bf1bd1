import type { Va } from '../../base/index.ts';

/** The bits above 47 of the kernel's addresses; those of 32 bits are extended by their sign. */
const highBits = 0x1_ffffn;

/** Can it be an address of the kernel's, by its bits above 47? */
export const isInKernelHalf = (va: Va): boolean => va >> 47n === highBits;
