import { undecorate } from '../pdb/index.ts';

/** A name as the debugger shows it: without what the compiler added to it. */
export const displayName = (name: string): string => undecorate(name);
