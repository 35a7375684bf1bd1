import type { Va } from '../base/index.ts';
import type { KnownPlace } from '../symbols/index.ts';
import type { DebuggerData, Target } from '../windows/index.ts';

/** Fields of the debugger data block that hold the address of the variable of the same name. */
const variables = [
  ...(['PsLoadedModuleList', 'PsActiveProcessHead', 'PspCidTable', 'ExpSystemResourcesList'] as const),
  ...(['KeTimeIncrement', 'KeBugCheckCallbackListHead', 'KiBugCheckData', 'IopErrorLogListHead'] as const),
  ...(['ObpRootDirectoryObject', 'ObpTypeObjectType', 'MmPfnDatabase', 'MmSizeOfPagedPoolInBytes'] as const),
  ...(['PoolTrackTable', 'MmHighestUserAddress', 'MmSystemRangeStart', 'MmUserProbeAddress'] as const),
  ...(['KiProcessorBlock', 'MmUnloadedDrivers', 'MmLastUnloadedDriver', 'MmSpecialPoolTag'] as const),
  ...(['KernelVerifier', 'MmVerifierData', 'CmNtCSDVersion', 'MmPhysicalMemoryBlock'] as const),
  ...(['ExpPagedPoolDescriptor', 'ExpNumberOfPagedPools', 'NonPagedPoolDescriptor'] as const),
  ...(['IopNumTriageDumpDataBlocks', 'IopTriageDumpDataBlocks', 'EtwpDebuggerData'] as const),
];

/**
 * Addresses of the kernel's variables and functions that the dump itself names: what proves that symbols belong to it where
 * it does not hold the debug directory, and what names these addresses where there are no symbols. Names are those of real
 * kernels from 7601 to 26100, seen in their ISF files.
 */
export function knownPlaces({ dump }: Target, data: DebuggerData | undefined): KnownPlace[] {
  const { header } = dump;
  const places: KnownPlace[] = [];
  const add = (name: string, va: Va | undefined, from: string, kind: KnownPlace['kind'] = 'data') => {
    if (va !== undefined && va !== 0n && !places.some((place) => place.name === name))
      places.push({ name, va, kind, from });
  };
  if (data !== undefined) {
    add('KiCallUserMode', data.address('KiCallUserMode'), 'debugger data', 'code');
    add('DbgBreakPointWithStatus', data.address('BreakpointWithStatus'), 'debugger data', 'code');
    for (const name of variables) add(name, data.address(name), 'debugger data');
  }
  add('PsLoadedModuleList', header.psLoadedModuleList, 'header');
  add('PsActiveProcessHead', header.psActiveProcessHead, 'header');
  add('KdDebuggerDataBlock', header.kdDebuggerDataBlock, 'header');
  add('MmPfnDatabase', header.pfnDatabase, 'header');
  return places;
}
