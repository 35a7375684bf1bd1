import type { Finding } from './finding.ts';
import { findFreedPointer } from './freed-twice-finding.ts';
import { callerOf } from './log-of-block.ts';
import { type Scene, sureStack } from './scene.ts';

/** Addresses of programs end below. */
const userEnd = 0x8000_0000_0000n;
/** Others are a NULL pointer with an offset. */
const nullRange = 0x1_0000n;

/** A free of an address that belongs to a program: newer kernels read the header in front of it before anything else. */
export function userAddressFreed(scene: Scene): Finding | undefined {
  const { system, fault, frames } = scene;
  const at = fault?.address;
  const isUsers = at !== undefined && at >= nullRange && at < userEnd && system.target.pointerSize === 8;
  if (!isUsers || fault?.access !== 'read') return undefined;
  const freed = findFreedPointer(scene, at);
  if (freed === undefined) return undefined;
  const text = system.shortText;
  const caller = callerOf(system, sureStack(frames));
  return {
    kind: 'invalid-free',
    summary: `A driver freed ${text(freed)}, an address of user mode`,
    block: null,
    victims: [],
    damage: null,
    freedAddress: freed,
    grounds: [
      {
        rule: 'user-address',
        claim: `The fault came when the header in front of ${text(freed)} was read to free it: that is an address of user mode.`,
        command: `u ${text(fault.ip)} L1`,
      },
    ],
    suspects:
      caller === undefined
        ? []
        : [{ module: caller.image, rule: 'freed-it', because: `freed it, at ${caller.name}` }],
  };
}
