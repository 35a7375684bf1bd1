import { buildImage } from '../../image/build-image.ts';
import { raw } from '../../image/code.ts';
import { machineTypes } from '../../image/pe-headers.ts';
import { imageSpecs } from '../image-specs.ts';
import type { Platform } from '../platform.ts';
import { x86Windows19041 } from '../profiles/x86-19041.ts';
import { CallChain } from './call-chain.ts';
import { x86Context } from './context.ts';
import { x86Crash } from './crashes.ts';
import { x86Functions } from './images.ts';

/** mov eax,7; mov edx,esp; sysenter; ret */
const userCode = raw('b8 07 00 00 00 8b d4 0f 34 c3');

export const x86Platform: Platform = {
  architecture: 'x86',
  profile: x86Windows19041,
  machineType: machineTypes.x86,
  vendor: 'GenuineIntel',
  contextRoom: 0x2cc,
  userCode: { bytes: userCode.encode(undefined as never), returnOffset: 9 },
  buildImages: () => imageSpecs('x86', x86Windows19041, x86Functions).map(buildImage),
  crash: x86Crash,
  idle(world, loaded, stack) {
    const chain = new CallChain(world, stack.initial).start(loaded.function('nt!KiIdleLoop'));
    return { ...chain.registers, eip: loaded.function('nt!KiIdleLoop').mark('idle') };
  },
  stackPointer: (registers) => registers['esp']!,
  context: x86Context,
};
