import { baseCodeOf } from './names.ts';
import type { BugCheck, BugCheckFacts } from './types.ts';

export type Access = 'read' | 'write' | 'execute';

/** Windows 10 1507 (TH1): from here on x86 and x64 kernels report the processor's page fault error code. */
const errorCodeBuild = 10240;

/** 0 read, 1 write. */
const readWrite = (value: bigint): Access | undefined =>
  value === 0n ? 'read' : value === 1n ? 'write' : undefined;

/** As in an exception record of an access violation. */
const readWriteExecute = (value: bigint): Access | undefined => (value === 8n ? 'execute' : readWrite(value));

/** Bit 3 execute, bit 0 write; codes that the kernel makes out of 0xA keep its bits. */
const irqlFault = (value: bigint): Access | undefined => {
  if (value > 0xfn) return undefined;
  return (value & 8n) !== 0n ? 'execute' : (value & 1n) !== 0n ? 'write' : 'read';
};

/** Error code of the processor: bit 4 instruction fetch, bit 1 write; bits 0 and 3 say why, not what. */
const errorCode = (value: bigint): Access | undefined => {
  if (value > 0x1fn) return undefined;
  return (value & 0x10n) !== 0n ? 'execute' : (value & 2n) !== 0n ? 'write' : 'read';
};

/** The documentation says 1 is a write, the debugger's own text says bit 1: there is no other use of either bit. */
const armFault = (value: bigint): Access | undefined => {
  if (value > 0xfn) return undefined;
  return (value & 8n) !== 0n ? 'execute' : (value & 3n) !== 0n ? 'write' : 'read';
};

const pageFault = (value: bigint, { build, machine }: BugCheckFacts): Access | undefined => {
  if (machine === 'arm64') return armFault(value);
  return build >= errorCodeBuild ? errorCode(value) : readWriteExecute(value);
};

/** Documented as 0 read, 1 write; newer kernels pass on what 0x50 gets. 1 is no error code of a page that is absent. */
const specialPoolFault = (value: bigint, facts: BugCheckFacts): Access | undefined =>
  readWrite(value) ?? pageFault(value, facts);

/** Which value of which bug check is which access. */
const rules: Readonly<Record<number, (value: bigint, facts: BugCheckFacts) => Access | undefined>> = {
  0x0a: irqlFault,
  0x1e: readWriteExecute,
  0x50: pageFault,
  0xc5: irqlFault,
  0xc6: readWrite,
  0xcc: specialPoolFault,
  0xcd: specialPoolFault,
  0xce: specialPoolFault,
  0xcf: specialPoolFault,
  0xd0: irqlFault,
  // 2 is documented as execute here, and only here.
  0xd1: (value) => (value === 2n ? 'execute' : readWriteExecute(value)),
  0xd3: irqlFault,
  0xd4: irqlFault,
  0xd5: specialPoolFault,
  0xd6: specialPoolFault,
  0xdb: irqlFault,
  0x1f2: (value) => ((value & 0x100n) === 0n ? 'read' : 'write'),
};

/** Bug checks that are about one kind of access only. */
const always: Readonly<Record<number, Access>> = { 0xbe: 'write', 0xfc: 'execute', 0x11c: 'write' };

/** The access that a parameter of this bug check names. */
export const readAccess = (value: bigint, facts: BugCheckFacts): Access | undefined =>
  rules[baseCodeOf(facts.code)]?.(value, facts);

/** What the failing instruction tried to do, as far as the bug check says so. */
export function accessOf(bugCheck: BugCheck, facts: BugCheckFacts): Access | undefined {
  const index = bugCheck.roles.indexOf('access');
  return index < 0
    ? always[bugCheck.baseCode]
    : readAccess(BigInt.asUintN(64, facts.parameters[index]!), facts);
}
