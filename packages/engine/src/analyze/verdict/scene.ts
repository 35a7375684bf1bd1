import type { Va } from '../../base/index.ts';
import type { TagOwners } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import type { Frame } from '../../unwind/index.ts';
import type { FaultSite } from '../fault.ts';

/** What detectors look at: the crash as it was understood before pool is examined. */
export interface Scene {
  readonly system: CrashedSystem;
  readonly fault: FaultSite | undefined;
  /** From the registers at the fault where they are known. */
  readonly frames: readonly Frame[];
  /** Whose the tags of pool are. */
  readonly owners: TagOwners;
}

/** Address of a parameter of the bug check that has a role; undefined where none has, or it is zero. */
export function parameterWith(
  { system }: Scene,
  ...roles: readonly CrashedSystem['bugCheck']['roles'][number][]
): Va | undefined {
  for (const role of roles) {
    const index = system.bugCheck.roles.indexOf(role);
    const address = index < 0 ? undefined : system.target.parameterAddress(index);
    if (address !== undefined && address !== 0n) return address;
  }
  return undefined;
}

/** Where the frames of a stack are that is known; words that only look like return addresses are left out. */
export const sureStack = (frames: readonly Frame[]): readonly Va[] =>
  frames.filter(({ trust }) => trust !== 'scan').map(({ ip }) => ip);

/** Return addresses of a stack that is known, else words of it that look like such. */
export function stackOf(frames: readonly Frame[]): { readonly ips: readonly Va[]; readonly isSure: boolean } {
  const sure = sureStack(frames);
  const isSure = sure.length > 1;
  return { ips: isSure ? sure : frames.map(({ ip }) => ip), isSure };
}
