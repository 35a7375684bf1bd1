import { asciiBytes, u32Bytes } from '../bytes/integers.ts';
import type { DataSpec } from '../image/image-spec.ts';
import { poolVariables } from './pool-variables.ts';
import type { KernelProfile } from './profiles/profile.ts';

/** Pointers or small numbers. */
const words = [
  'PspCidTable',
  'ObpRootDirectoryObject',
  'ObpTypeObjectType',
  'MmPfnDatabase',
  'MmSizeOfPagedPoolInBytes',
  'MmPagedPoolCommit',
  'PoolTrackTable',
  'KdPrintWritePointer',
  'KdPrintRolloverCount',
  'MmUnloadedDrivers',
  'MmTriageActionTaken',
  'MmSpecialPoolTag',
  'KernelVerifier',
  'CmNtCSDVersion',
  'MmPhysicalMemoryBlock',
  'KdPrintCircularBufferPtr',
  'KdPrintBufferSize',
  'EtwpDebuggerData',
  'KeTimeIncrement',
  'IopNumTriageDumpDataBlocks',
  'NonPagedPoolFreeList',
  'KiInitialProcess',
  'KdVersionBlock',
];

const lists = [
  'PsActiveProcessHead',
  'ExpSystemResourcesList',
  'KeBugCheckCallbackListHead',
  'IopErrorLogListHead',
];

/** Variables that Windows exports too. */
const exportedWords = [
  'PsInitialSystemProcess',
  'MmHighestUserAddress',
  'MmSystemRangeStart',
  'MmUserProbeAddress',
  'KeLoaderBlock',
  'KeNumberProcessors',
  'KeServiceDescriptorTable',
];

/** Variables of Driver Verifier, behind all others. */
const verifierVariables: readonly DataSpec[] = [
  ...['VfPoolTraces', 'VfPoolTracesLength', 'VfPoolTracesIndex'].map((name) => ({ name, size: 8 })),
  ...['ViTrackIrqlQueue', 'ViTrackIrqlQueueLength', 'ViTrackIrqlIndex'].map((name) => ({ name, size: 8 })),
  { name: 'ViTargetDriversAvl', size: 0x40, alignment: 16 },
  { name: 'VfSuspectDriversList', size: 0x10, alignment: 16 },
  ...[
    ...['ViFaultTraces', 'ViFaultTracesLength', 'ViFaultTracesIndex'],
    ...['VfKeCriticalRegionTraces', 'VfKeCriticalRegionTracesLength', 'VfKeCriticalRegionTracesIndex'],
    ...['VfForcedPendingLog', 'VfForcedPendingLogLength', 'VfForcedPendingIrps'],
    ...['IovIrpTraces', 'IovIrpTracesLength', 'IovIrpTracesIndex'],
  ].map((name) => ({ name, size: 8 })),
  { name: 'VfWdIrpListHead', size: 0x10, alignment: 16 },
];

export const triageDataBlockSlots = 64;
export const processorSlots = 64;
export const debuggerDataSize = 0x380;
export const printBufferSize = 0x1000;

/** Variables of the kernel image. Names are Microsoft's, except NonPagedPoolFreeList and KiBugCheckContext. */
export function kernelVariables(profile: KernelProfile): DataSpec[] {
  const pointer = profile.pointerSize;
  const word = (name: string): DataSpec => ({ name, size: 8 });
  const list = (name: string): DataSpec => ({ name, size: 2 * pointer, alignment: 16 });
  return [
    { ...list('PsLoadedModuleList'), exported: true },
    ...lists.map(list),
    ...words.map(word),
    ...exportedWords.map((name) => ({ ...word(name), exported: true })),
    { name: 'NtBuildNumber', size: 4, bytes: u32Bytes((0xf000_0000 | profile.build) >>> 0), exported: true },
    { name: 'NtBuildLab', size: 0x100, bytes: asciiBytes(profile.buildLab, true) },
    { name: 'MmLastUnloadedDriver', size: 4 },
    { name: 'KiBugCheckData', size: 5 * pointer },
    { name: 'KiProcessorBlock', size: processorSlots * pointer, alignment: 0x40 },
    { name: 'MmVerifierData', size: 0xa8 },
    { name: 'IopTriageDumpDataBlocks', size: triageDataBlockSlots * 2 * pointer },
    { name: 'KdPrintCircularBuffer', size: printBufferSize },
    { name: 'KiBugCheckContext', size: 0x4d0, alignment: 16 },
    { name: 'KdDebuggerDataBlock', size: debuggerDataSize, alignment: 16 },
    { name: 'KiWaitNever', size: 8 },
    { name: 'KiWaitAlways', size: 8 },
    { name: 'KdpDataBlockEncoded', size: 8 },
    ...verifierVariables,
    ...poolVariables(profile),
  ];
}
