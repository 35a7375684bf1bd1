import { buildImage } from '../../image/build-image.ts';
import type { BuiltImage } from '../../image/built-image.ts';
import { hexBytes } from '../../image/code.ts';
import { machineTypes } from '../../image/pe-headers.ts';
import type { PrologStep } from '../../image/x64-prolog.ts';
import { playCrash } from '../crash-scene.ts';
import { imageSpecs } from '../image-specs.ts';
import type { Platform } from '../platform.ts';
import type { KernelProfile } from '../profiles/profile.ts';
import { x64Windows19041 } from '../profiles/x64-19041.ts';
import { playWait } from '../wait-scene.ts';
import { CallChain } from './call-chain.ts';
import { x64Context } from './context.ts';
import { x64Crashes } from './crashes.ts';
import {
  halFunctions,
  networkSampleFunctions,
  sampleDriverFunctions,
  storageFilterFunctions,
} from './driver-images.ts';
import { kernelFunctions } from './kernel-image.ts';

/** mov r10,rcx; mov eax,7; syscall; ret */
const userCode = hexBytes('4c 8b d1 b8 07 00 00 00 0f 05 c3');

/** Windows of any build on x64. */
export const x64PlatformOf = (profile: KernelProfile): Platform => ({
  architecture: 'x64',
  profile,
  machineType: machineTypes.x64,
  vendor: 'GenuineIntel',
  contextRoom: 0x6c0,
  userCode: { bytes: userCode, returnOffset: 10 },
  buildImages: (): BuiltImage[] =>
    imageSpecs('x64', profile, {
      nt: kernelFunctions,
      hal: halFunctions,
      sampledrv: sampleDriverFunctions,
      storfilt: storageFilterFunctions,
      netsamp: networkSampleFunctions,
    }).map(buildImage),
  crash: (kind, site) => playCrash(x64Crashes, kind, site),
  wait: (kind, site) => playWait(x64Crashes, kind, site),
  idle(world, loaded, stack) {
    const chain = new CallChain(world.space, stack.initial);
    chain.start(loaded.function<PrologStep>('nt!KiIdleLoop'));
    return { ...chain.registers, rip: loaded.function('nt!KiIdleLoop').mark('idle') };
  },
  stackPointer: (registers) => registers['rsp']!,
  context: x64Context,
});

export const x64Platform: Platform = x64PlatformOf(x64Windows19041);
