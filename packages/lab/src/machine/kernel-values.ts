import { pageSize, type Va } from '@poolscope/engine/base';
import type { KernelWorld } from './kernel-world.ts';
import type { LoadedImages } from './loaded-images.ts';
import type { Crash } from './platform.ts';
import { keepsClassicPool, poolRangeValues } from './pool-variables.ts';

/** Contents of kernel variables that do not depend on how the machine crashed. */
export function writeSystemVariables(world: KernelWorld, loaded: LoadedImages, systemProcess: Va): void {
  const { pointerSize } = world.profile;
  const pointers: Record<string, Va> = {
    PsInitialSystemProcess: systemProcess,
    ...addressLimits(world),
    MmPfnDatabase: world.pfnDatabase,
    KdPrintWritePointer: loaded.address('nt!KdPrintCircularBuffer'),
    KdPrintCircularBufferPtr: loaded.address('nt!KdPrintCircularBuffer'),
    KdPrintBufferSize: BigInt(pageSize),
    MmSizeOfPagedPoolInBytes: 0x1000_0000n,
    KeTimeIncrement: 156_250n,
    // The allocator took its next block's link from memory that the overrun had reached.
    NonPagedPoolFreeList: pointerSize === 8 ? 0x4f4f_4f4f_4f4f_4f4fn : 0x4f4f_4f4fn,
  };
  for (const [name, value] of Object.entries(
    keepsClassicPool(world.profile) ? { ...pointers, ...poolRangeValues(world.profile) } : pointers,
  ))
    world.writePointer(loaded.address(`nt!${name}`), value);
  for (const name of ['ExpSystemResourcesList', 'KeBugCheckCallbackListHead', 'IopErrorLogListHead'])
    world.linkList(loaded.address(`nt!${name}`), []);
}

/** Where user mode ends and the kernel begins. Before Windows 8.1 a process of x64 had 8 TB. */
function addressLimits({ profile: { pointerSize, version = [10, 0] } }: KernelWorld): Record<string, Va> {
  const [major, minor] = version;
  const isSmall = major * 10 + minor < 63;
  const kernel =
    pointerSize === 4 ? 0xffff_ffff_8000_0000n : isSmall ? 0xffff_0800_0000_0000n : 0xffff_8000_0000_0000n;
  const probe = pointerSize === 4 ? 0x7fff_0000n : isSmall ? 0x7ff_ffff_0000n : 0x7fff_ffff_0000n;
  return { MmSystemRangeStart: kernel, MmHighestUserAddress: probe - 0x1_0001n, MmUserProbeAddress: probe };
}

/** Code and parameters as nt!KeBugCheckEx keeps them. */
export function writeBugCheckData(
  world: KernelWorld,
  loaded: LoadedImages,
  { code, parameters }: Crash,
): void {
  const va = loaded.address('nt!KiBugCheckData');
  for (const [index, value] of [BigInt(code), ...parameters].entries())
    world.writePointer(va + BigInt(index * world.pointerSize), value);
}
