import type { VerdictKind } from '../report.ts';

/** BAD_POOL_CALLER: a request was refused by what a header said. */
export const badPoolCallerCode = 0xc2;

/** What a bug check about a request to the pool says of it. */
export interface CallerCase {
  readonly kind: VerdictKind;
  /** Half a sentence; `%` is the address concerned. */
  readonly says: string;
  /** Damage may be behind it as well: the bug check alone is no proof. */
  readonly mayBeDamage?: true;
  /** What shows it, beside the bug check. */
  readonly command?: string;
}

export const doubleFree: CallerCase = {
  kind: 'double-free',
  says: 'the block at % was freed while it was free',
};
const invalidFree = (says: string): CallerCase => ({ kind: 'invalid-free', says });
const misuse = (says: string): CallerCase => ({ kind: 'pool-misuse', says });
const overrun: CallerCase = { kind: 'pool-overrun', says: 'the block at % was written past its end' };
export const unallocated = invalidFree('% was freed, which no allocation returned');
const badQuota: CallerCase = {
  kind: 'pool-header-corruption',
  says: 'the record of the process that pays for the block at % is damaged',
};

const damagedHeader: CallerCase = {
  kind: 'pool-header-corruption',
  says: 'the header of the block at % is damaged',
  mayBeDamage: true,
};
const damagedTracking: CallerCase = {
  kind: 'pool-header-corruption',
  says: 'what the verifier keeps behind the block at % is damaged',
  mayBeDamage: true,
};

export const wrongTag = misuse('a driver freed the block at % with another tag than that of its allocation');

/** Sub-codes of BAD_POOL_CALLER, in parameter 1. Source: docs/formats/bug-checks.md. */
const badPoolCaller: Readonly<Record<number, CallerCase>> = {
  0x0: misuse('a driver asked for no bytes of pool'),
  0x1: damagedHeader,
  0x2: damagedHeader,
  0x4: damagedHeader,
  0x6: doubleFree,
  0x7: doubleFree,
  0x8: misuse('a driver allocated pool at an IRQL too high for it'),
  0x9: misuse('a driver freed pool at an IRQL too high for it'),
  0xa: wrongTag,
  0xb: badQuota,
  0xc: badQuota,
  0xd: badQuota,
  0x40: invalidFree('a driver freed %, an address of user mode'),
  0x41: unallocated,
  0x42: unallocated,
  0x43: unallocated,
  0x44: unallocated,
  0x46: unallocated,
  0x47: unallocated,
  0x48: unallocated,
  0x50: unallocated,
  0x60: invalidFree('% was freed as contiguous memory, which it is not'),
  0x99: { ...unallocated, mayBeDamage: true },
  0x9a: misuse('a driver asked for must-succeed pool, which is no longer there'),
  0x9b: misuse('a driver asked for pool with tag 0'),
  0x9c: misuse('a driver asked for pool with the tag BIG'),
  0x9d: misuse('a driver asked for pool with a tag that has no letter or digit'),
  0x41286: invalidFree('an address in the middle of a paged allocation was freed'),
};

/** Sub-codes of DRIVER_VERIFIER_DETECTED_VIOLATION about pool, in parameter 1. */
const verifier: Readonly<Record<number, CallerCase>> = {
  0x00: misuse('a driver asked for no bytes of pool'),
  0x01: misuse('a driver allocated paged pool above APC_LEVEL'),
  0x02: misuse('a driver allocated nonpaged pool above DISPATCH_LEVEL'),
  0x03: misuse('a driver asked for more than a page of must-succeed pool'),
  0x10: unallocated,
  0x11: misuse('a driver freed paged pool above APC_LEVEL'),
  0x12: misuse('a driver freed nonpaged pool above DISPATCH_LEVEL'),
  0x13: doubleFree,
  0x14: doubleFree,
  0x15: misuse('a driver freed the block at % while a timer in it was active'),
  0x16: unallocated,
  0x17: misuse('a driver freed the block at % while a resource in it was active'),
  0x51: overrun,
  0x52: overrun,
  0x53: overrun,
  0x54: overrun,
  0x59: overrun,
  0x60: misuse('a driver was unloaded without freeing its pool'),
  0x61: misuse('a driver allocated pool while it was being unloaded'),
  0x62: misuse('a driver was unloaded without freeing its pool'),
  0xcc: misuse('a driver freed the block at % while a lookaside list in it was active'),
  0xd2: misuse('a driver freed the block at % while a resource in it was active'),
  0x105: misuse('a driver freed an IRP as pool'),
  0x10a: misuse('a driver had the idle process pay for pool'),
  0x10b: misuse('a driver had a process pay for pool in a DPC, where any may be the current one'),
  0x13a: damagedTracking,
  0x13b: damagedTracking,
  0x13c: damagedTracking,
  0x13d: damagedTracking,
  0x13e: invalidFree('% was freed, which is not the address that the verifier keeps for the block'),
  0x13f: misuse('a driver freed the block at % with another size than that of its allocation'),
  0x2000: misuse('a driver asked for pool that code may run from'),
};

export const badHeader: CallerCase = {
  kind: 'pool-header-corruption',
  says: 'what is in front of % is no header that fits its page',
  mayBeDamage: true,
};

/** Sub-codes of BAD_POOL_HEADER that speak of the request, in parameter 1. */
const badPoolHeader: Readonly<Record<number, CallerCase>> = {
  0x20: badHeader,
  0x21: overrun,
  0x22: unallocated,
};

const tables: Readonly<Record<number, Readonly<Record<number, CallerCase>>>> = {
  0x19: badPoolHeader,
  [badPoolCallerCode]: badPoolCaller,
  0xc4: verifier,
};

/** Undefined: not about a request to the pool. */
export const callerCase = (code: number, subcode: bigint): CallerCase | undefined =>
  subcode > 0xffff_ffffn ? undefined : tables[code]?.[Number(subcode)];
