import { buildImage } from '../../image/build-image.ts';
import { hexBytes } from '../../image/code.ts';
import { machineTypes } from '../../image/pe-headers.ts';
import { playCrash } from '../crash-scene.ts';
import { imageSpecs } from '../image-specs.ts';
import type { Platform } from '../platform.ts';
import { arm64Windows22000 } from '../profiles/arm64-22000.ts';
import { playWait } from '../wait-scene.ts';
import { CallChain } from './call-chain.ts';
import { arm64Context } from './context.ts';
import { arm64Crashes } from './crashes.ts';
import { arm64Functions } from './images.ts';

/** movz x16,#7; svc #7; ret */
const userCode = hexBytes('f0 00 80 d2 e1 00 00 d4 c0 03 5f d6');

export const arm64Platform: Platform = {
  architecture: 'arm64',
  profile: arm64Windows22000,
  machineType: machineTypes.arm64,
  vendor: 'ARM',
  contextRoom: 0x590,
  userCode: { bytes: userCode, returnOffset: 8 },
  buildImages: () => imageSpecs('arm64', arm64Windows22000, arm64Functions).map(buildImage),
  crash: (kind, site) => playCrash(arm64Crashes, kind, site),
  wait: (kind, site) => playWait(arm64Crashes, kind, site),
  idle(world, loaded, stack) {
    const chain = new CallChain(world.space, stack.initial).start(loaded.function('nt!KiIdleLoop'));
    return { ...chain.registers, pc: loaded.function('nt!KiIdleLoop').mark('idle') };
  },
  stackPointer: (registers) => registers['sp']!,
  context: arm64Context,
};
