import type { TypeEncoding } from './format.ts';

/** `cached`: freed, and kept for the next request of its size or for later, but on no free list. */
export type BlockState = 'allocated' | 'free' | 'cached';

/** What the type in a header says. */
export interface BlockType {
  readonly state: BlockState;
  /** Undefined where the type does not tell: of free blocks. */
  readonly paged: boolean | undefined;
  readonly session: boolean;
  /** Is a process charged for it? */
  readonly quota: boolean;
  /** Does the kernel write such a type? */
  readonly isValid: boolean;
}

const quotaBit = 0x08;
const sessionBit = 0x20;
const verifierBit = 0x40;

/** Bits 1 and 2 say in use and freed from Vista on, bit 0 paged. Source: volatility, MemProcFS, real dumps. */
const inUse = 0x02;
const freed = 0x04;
const knownBits = 0x01 | inUse | freed | quotaBit | sessionBit | verifierBit;

/** The type of a block that is in use, whatever else is set. */
export const allocatedType = inUse;

/**
 * Decodes a type. `usesInUseBit` is for Windows XP and Server 2003, whose later builds mark blocks in use by bit 2: does any
 * block of the page have it?
 */
export function decodeType(type: number, encoding: TypeEncoding, usesInUseBit = false): BlockType {
  const session = (type & sessionBit) !== 0;
  const quota = (type & quotaBit) !== 0;
  const isKnown = (type & ~knownBits) === 0;
  if (type === 0) return { state: 'free', paged: undefined, session, quota, isValid: true };
  if (encoding === 'plus-one') {
    const base = type & 3;
    const isCached = usesInUseBit && (type & freed) === 0;
    const isValid = isKnown && (base === 1 || base === 2);
    return { state: isCached ? 'cached' : 'allocated', paged: base === 2, session, quota, isValid };
  }
  const isValid = isKnown && ((type & inUse) === 0) !== ((type & freed) === 0);
  return { state: stateOf(type), paged: (type & 1) !== 0, session, quota, isValid };
}

function stateOf(type: number): BlockState {
  if ((type & inUse) !== 0) return 'allocated';
  return (type & freed) !== 0 ? 'cached' : 'free';
}
