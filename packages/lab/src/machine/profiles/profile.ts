import type { KernelStructure } from '../kernel-structure.ts';

type ProcessMember =
  | 'HeaderType'
  | 'DirectoryTableBase'
  | 'ThreadListHead'
  | 'UniqueProcessId'
  | 'ActiveProcessLinks'
  | 'CreateTime'
  | 'InheritedFromUniqueProcessId'
  | 'Peb'
  | 'ImageFileName';

type ThreadMember =
  | 'HeaderType'
  | 'InitialStack'
  | 'StackLimit'
  | 'StackBase'
  | 'KernelStack'
  | 'TrapFrame'
  | 'ApcStateProcess'
  | 'Teb'
  | 'State'
  | 'WaitIrql'
  | 'Process'
  | 'WaitReason'
  | 'ThreadListEntry'
  | 'UniqueProcess'
  | 'UniqueThread'
  | 'IrpList'
  | 'StartAddress';

type PrcbMember =
  | 'CurrentThread'
  | 'IdleThread'
  | 'Number'
  | 'MHz'
  | 'CpuType'
  | 'VendorString'
  | 'SpecialRegisters'
  | 'ContextFrame'
  | 'Context'
  | 'DpcStack'
  | 'IsrStack';

type PcrMember = 'Self' | 'CurrentPrcb' | 'Irql' | 'Prcb';

/** Members of KSPECIAL_REGISTERS; arm64 has none of them. */
type SpecialRegisterMember = 'Cr0' | 'Cr2' | 'Cr3' | 'Cr4';

type LoaderMember =
  | 'InLoadOrderLinks'
  | 'ExceptionTable'
  | 'ExceptionTableSize'
  | 'DllBase'
  | 'EntryPoint'
  | 'SizeOfImage'
  | 'FullDllName'
  | 'BaseDllName'
  | 'Flags'
  | 'LoadCount'
  | 'CheckSum'
  | 'TimeDateStamp';

type UnloadedMember = 'Name' | 'StartAddress' | 'EndAddress' | 'CurrentTime';

/** One build of Windows on one processor: where its kernel keeps what. */
export interface KernelProfile {
  readonly build: number;
  readonly majorVersion: number;
  readonly buildLab: string;
  readonly pointerSize: 4 | 8;
  readonly process: KernelStructure<ProcessMember>;
  readonly thread: KernelStructure<ThreadMember>;
  readonly prcb: KernelStructure<PrcbMember>;
  readonly pcr: KernelStructure<PcrMember>;
  readonly specialRegisters?: KernelStructure<SpecialRegisterMember>;
  readonly loaderEntry: KernelStructure<LoaderMember>;
  readonly unloadedDriver: KernelStructure<UnloadedMember>;
  /** Members of KDDEBUGGER_DATA64 that are plain numbers of this build and none of the above. */
  readonly debuggerNumbers: Readonly<Record<string, number>>;
  readonly addresses: RegionAddresses;
}

/** Where regions of kernel memory start. */
export interface RegionAddresses {
  readonly kernelImage: bigint;
  readonly halImage: bigint;
  readonly driverImages: bigint;
  readonly nonPagedPool: bigint;
  readonly pagedPool: bigint;
  readonly stacks: bigint;
  readonly processors: bigint;
  readonly sharedData: bigint;
  /** Where each session has its own memory; absent: the machine has no sessions. */
  readonly sessionSpace?: bigint;
  readonly userImage: bigint;
  readonly userStack: bigint;
  /** Entry of the root table that points to the root. */
  readonly selfMapSlot: number;
}
