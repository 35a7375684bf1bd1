import type { Va } from '../base/index.ts';
import type { Flow } from './instruction.ts';

/**
 * What the instruction word itself says about control flow and pc-relative addresses. Field positions are those of
 * the Arm Architecture Reference Manual, chapter C4 (A64 encodings).
 */

/** Signed field of `width` bits that starts at bit `low`. */
const signedField = (word: number, low: number, width: number): number =>
  (word << (32 - low - width)) >> (32 - width);

const isBranchAndLink = (word: number): boolean => (word & 0x7c000000) === 0x14000000;
const isConditional = (word: number): boolean => (word & 0xff000000) >>> 0 === 0x54000000;
const isCompareAndBranch = (word: number): boolean => (word & 0x7e000000) === 0x34000000;
const isTestAndBranch = (word: number): boolean => (word & 0x7e000000) === 0x36000000;
const isAdr = (word: number): boolean => (word & 0x9f000000) === 0x10000000;
const isAdrp = (word: number): boolean => (word & 0x9f000000) >>> 0 === 0x90000000;
/** Load (or prefetch) from an address beside the code. */
const isLiteral = (word: number): boolean => (word & 0x3b000000) === 0x18000000;

/** Offset in words times 4; as a number, for all of these stay below 2^28. */
function wordOffset(word: number): number | undefined {
  if (isBranchAndLink(word)) return signedField(word, 0, 26) * 4;
  if (isConditional(word) || isCompareAndBranch(word) || isLiteral(word)) return signedField(word, 5, 19) * 4;
  return isTestAndBranch(word) ? signedField(word, 5, 14) * 4 : undefined;
}

/** Address that a pc-relative instruction names: branch target, literal, adr and adrp result. */
export function pcRelativeAddress(word: number, address: Va): Va | undefined {
  const offset = wordOffset(word);
  if (offset !== undefined) return BigInt.asUintN(64, address + BigInt(offset));
  if (!isAdr(word) && !isAdrp(word)) return undefined;
  const distance = BigInt(signedField(word, 5, 19) * 4 + ((word >>> 29) & 3));
  return BigInt.asUintN(64, isAdr(word) ? address + distance : (address & ~0xfffn) + (distance << 12n));
}

/** Register branches: br, blr, ret, eret, drps and their pointer-authenticating forms. */
function registerBranchFlow(word: number): Flow {
  const operation = (word >>> 21) & 7;
  if (operation === 0) return 'indirect-branch';
  return operation === 1 ? 'indirect-call' : 'return';
}

/** Where control goes after this word. */
export function arm64Flow(word: number): Flow {
  if (isBranchAndLink(word)) return word >>> 31 === 1 ? 'call' : 'branch';
  if (isConditional(word)) return (word & 0xe) === 0xe ? 'branch' : 'conditional-branch';
  if (isCompareAndBranch(word) || isTestAndBranch(word)) return 'conditional-branch';
  if ((word & 0xfe000000) >>> 0 === 0xd6000000) return registerBranchFlow(word);
  // svc, hvc, smc, brk, hlt and their kin.
  if ((word & 0xff000000) >>> 0 === 0xd4000000) return 'interrupt';
  return word >>> 16 === 0 ? 'exception' : 'next';
}

/** Is this pc-relative address a place where control goes? */
export const isDirectBranch = (flow: Flow): boolean =>
  flow === 'branch' || flow === 'call' || flow === 'conditional-branch';
