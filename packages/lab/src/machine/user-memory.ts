import { pageSize, type Va } from '@poolscope/engine/base';
import { writeU32, writeU64 } from '../bytes/integers.ts';
import type { AddressSpace } from '../memory/address-space.ts';
import type { Platform } from './platform.ts';

/** Where the crashing thread was in user mode, and its process's blocks. */
export interface UserPlaces {
  readonly ip: Va;
  readonly sp: Va;
  readonly peb: Va;
  readonly teb: Va;
}

const usualOffsets = { code: 0x4a0, stack: 0xd28 };
const callerOffset = 0x7c2n;

export function userPlaces({ profile, userCode, userOffsets = usualOffsets }: Platform): UserPlaces {
  const { userImage, userStack } = profile.addresses;
  return {
    ip: userImage + BigInt(userOffsets.code + userCode.returnOffset),
    sp: userStack + BigInt(userOffsets.stack),
    peb: userStack + BigInt(pageSize),
    teb: userStack + BigInt(2 * pageSize),
  };
}

/** A page of code, a page of stack, PEB and TEB of the process that crashed. */
export function mapUserMemory(
  space: AddressSpace,
  { profile, userCode, userOffsets = usualOffsets }: Platform,
): void {
  const { userImage, userStack } = profile.addresses;
  const { code: codeOffset, stack: stackOffset } = userOffsets;
  const code = new Uint8Array(pageSize).fill(0xcc);
  code.set(userCode.bytes, codeOffset);
  space.allocate(userImage, pageSize, { user: true, executable: true });
  space.write(userImage, code);
  const stack = new Uint8Array(pageSize);
  const caller = userImage + callerOffset;
  if (profile.pointerSize === 8) writeU64(stack, stackOffset, caller);
  else writeU32(stack, stackOffset, Number(caller));
  space.allocate(userStack, 3 * pageSize, { user: true, writable: true });
  space.write(userStack, stack);
}
