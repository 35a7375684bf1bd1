import type { Evidence } from '../report.ts';
import type { Scene } from './scene.ts';

const [memoryManagement, damagedEntry] = [0x1a, 0x4_1792n];
/** What a NULL pointer and an offset into a structure give. */
const nullRange = 0x1000n;
/** One of the lower bits would as well be part of a number that was meant to be small. */
const lowestBit = 0x1_0000n;

/** What a dump shows that faulty memory would leave behind, and nothing proves. */
export interface SingleBitSign {
  /** Goes into the sentence that says it all. */
  readonly short: string;
  readonly evidence: Evidence;
}

/**
 * A value that would be zero, or a NULL pointer with a small offset, but for one bit. Code hardly ever writes such values,
 * memory that loses or gains a bit does. Seen in two real dumps of one machine of build 26100: a page table entry 2000000000
 * (0x1A, 41792) and, a day before, a read of 2000000068.
 */
export function singleBitSign(scene: Scene): SingleBitSign | undefined {
  return entrySign(scene) ?? addressSign(scene);
}

/** MEMORY_MANAGEMENT 41792: the entry, and the low and high part of what it holds. */
function entrySign({ system }: Scene): SingleBitSign | undefined {
  const [subcode, entry, low, high] = system.target.dump.header.bugCheckParameters;
  if (system.bugCheck.baseCode !== memoryManagement || subcode !== damagedEntry) return undefined;
  const bit = singleBit(high === 0n ? low : low | ((high & 0xffff_ffffn) << 32n));
  if (bit === undefined) return undefined;
  return {
    short: `the page table entry would be empty but for its bit ${bit}, as faulty memory leaves it`,
    evidence: {
      claim: `The page table entry at ${system.shortText(entry)} holds nothing but bit ${bit}: such a value is seldom written, and faulty memory leaves it.`,
      command: '.bugcheck',
    },
  };
}

function addressSign({ system, fault }: Scene): SingleBitSign | undefined {
  const address = fault?.address;
  if (fault === undefined || address === undefined || fault.access === 'execute') return undefined;
  const offset = address % nullRange;
  const bit = address < lowestBit ? undefined : singleBit(address - offset);
  if (bit === undefined) return undefined;
  const meant = offset === 0n ? 'a NULL pointer' : `a NULL pointer with the offset ${offset.toString(16)}`;
  return {
    short: `the address would be ${meant} but for its bit ${bit}, as faulty memory leaves it`,
    evidence: {
      claim: `${system.plainText(address)} is ${meant} with bit ${bit} set: such a value is seldom written, and faulty memory leaves it.`,
      command: `u ${system.shortText(fault.ip)} L1`,
    },
  };
}

/** The number of the bit, where a value has one bit only. */
function singleBit(value: bigint): number | undefined {
  return value > 0n && (value & (value - 1n)) === 0n ? value.toString(2).length - 1 : undefined;
}
