import { pageSize, type Va } from '@poolscope/engine/base';
import type { KernelWorld } from './kernel-world.ts';
import type { LoadedImages } from './loaded-images.ts';
import type { Crash } from './platform.ts';

/** Contents of kernel variables that do not depend on how the machine crashed. */
export function writeSystemVariables(world: KernelWorld, loaded: LoadedImages, systemProcess: Va): void {
  const { pointerSize } = world.profile;
  const pointers: Record<string, Va> = {
    PsInitialSystemProcess: systemProcess,
    MmSystemRangeStart: pointerSize === 8 ? 0xffff_8000_0000_0000n : 0xffff_ffff_8000_0000n,
    MmHighestUserAddress: pointerSize === 8 ? 0x7fff_fffe_ffffn : 0x7ffe_ffffn,
    MmUserProbeAddress: pointerSize === 8 ? 0x7fff_ffff_0000n : 0x7fff_0000n,
    MmPfnDatabase: world.pfnDatabase,
    KdPrintWritePointer: loaded.address('nt!KdPrintCircularBuffer'),
    KdPrintCircularBufferPtr: loaded.address('nt!KdPrintCircularBuffer'),
    KdPrintBufferSize: BigInt(pageSize),
    MmSizeOfPagedPoolInBytes: 0x1000_0000n,
    KeTimeIncrement: 156_250n,
    // The allocator took its next block's link from memory that the overrun had reached.
    NonPagedPoolFreeList: pointerSize === 8 ? 0x4f4f_4f4f_4f4f_4f4fn : 0x4f4f_4f4fn,
  };
  for (const [name, value] of Object.entries(pointers))
    world.writePointer(loaded.address(`nt!${name}`), value);
  for (const name of ['ExpSystemResourcesList', 'KeBugCheckCallbackListHead', 'IopErrorLogListHead'])
    world.linkList(loaded.address(`nt!${name}`), []);
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
