import { buildImage } from '../../image/build-image.ts';
import { hexBytes } from '../../image/code.ts';
import { machineTypes } from '../../image/pe-headers.ts';
import { playCrash } from '../crash-scene.ts';
import { imageSpecs } from '../image-specs.ts';
import type { Platform } from '../platform.ts';
import type { KernelProfile } from '../profiles/profile.ts';
import { x86Windows19041 } from '../profiles/x86-19041.ts';
import { playWait } from '../wait-scene.ts';
import { CallChain } from './call-chain.ts';
import { x86Context } from './context.ts';
import { x86Crashes } from './crashes.ts';
import { x86Functions } from './images.ts';

/** mov eax,7; mov edx,esp; sysenter; ret */
const userCode = hexBytes('b8 07 00 00 00 8b d4 0f 34 c3');

/** Windows of any build on x86. */
export const x86PlatformOf = (profile: KernelProfile): Platform => ({
  architecture: 'x86',
  profile,
  machineType: machineTypes.x86,
  vendor: 'GenuineIntel',
  contextRoom: 0x2cc,
  userCode: { bytes: userCode, returnOffset: 9 },
  buildImages: () => imageSpecs('x86', profile, x86Functions).map(buildImage),
  crash: (kind, site) => playCrash(x86Crashes, kind, site),
  wait: (kind, site) => playWait(x86Crashes, kind, site),
  idle(world, loaded, stack) {
    const chain = new CallChain(world, stack.initial).start(loaded.function('nt!KiIdleLoop'));
    return { ...chain.registers, eip: loaded.function('nt!KiIdleLoop').mark('idle') };
  },
  stackPointer: (registers) => registers['esp']!,
  context: x86Context,
});

export const x86Platform: Platform = x86PlatformOf(x86Windows19041);
