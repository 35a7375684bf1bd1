import { digest } from '../facts.ts';

/** A bucket's name in addresses and on command lines: the same on every machine. */
export const bucketId = (signature: string): string => digest(signature).slice(0, 12);
