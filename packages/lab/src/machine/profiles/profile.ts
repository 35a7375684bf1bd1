import type { KernelStructure, Member } from '../kernel-structure.ts';

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

export type PrcbMember =
  | 'CurrentThread'
  | 'IdleThread'
  | 'Number'
  | 'MHz'
  | 'CpuType'
  | 'VendorString'
  | 'SpecialRegisters'
  | 'ContextFrame'
  | 'Context'
  | 'DpcStack';

type PcrMember = 'Self' | 'CurrentPrcb' | 'Irql' | 'Prcb';

/** Members of KSPECIAL_REGISTERS; arm64 has none of them. */
type SpecialRegisterMember = 'Cr0' | 'Cr2' | 'Cr3' | 'Cr4';

export type LoaderMember =
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
  | 'CheckSum';

type TrapMember =
  | 'DbgEbp'
  | 'DbgEip'
  | 'SegGs'
  | 'SegEs'
  | 'SegDs'
  | 'Edx'
  | 'Ecx'
  | 'Eax'
  | 'SegFs'
  | 'Edi'
  | 'Esi'
  | 'Ebx'
  | 'Ebp'
  | 'ErrCode'
  | 'Eip'
  | 'SegCs'
  | 'EFlags'
  | 'HardwareEsp'
  | 'HardwareSegSs';

/** KTRAP_FRAME of x86. */
export type TrapFrameX86 = KernelStructure<TrapMember>;

type UnloadedMember = 'Name' | 'StartAddress' | 'EndAddress' | 'CurrentTime';

/** One build of Windows on one processor: where its kernel keeps what. */
export interface KernelProfile {
  readonly build: number;
  /** Of Windows: 6.1 is Windows 7. 10.0 when absent. */
  readonly version?: readonly [major: number, minor: number];
  readonly majorVersion: number;
  readonly buildLab: string;
  readonly pointerSize: 4 | 8;
  readonly process: KernelStructure<ProcessMember>;
  readonly thread: KernelStructure<ThreadMember>;
  readonly prcb: KernelStructure<PrcbMember> & { readonly members: { readonly IsrStack?: Member } };
  readonly pcr: KernelStructure<PcrMember>;
  readonly specialRegisters?: KernelStructure<SpecialRegisterMember>;
  readonly loaderEntry: KernelStructure<LoaderMember> & {
    readonly members: { readonly TimeDateStamp?: Member };
  };
  /** Of x86 only. */
  readonly trapFrame?: TrapFrameX86;
  /** Bytes of KDDEBUGGER_DATA64; 0x380 when absent. */
  readonly debuggerDataSize?: number;
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
  /** The page frame database; absent: below paged pool. */
  readonly pfnDatabase?: bigint;
  /** Absent: the machine keeps special pool within paged pool. */
  readonly specialPool?: bigint;
  /** Where each session has its own memory; absent: the machine has no sessions. */
  readonly sessionSpace?: bigint;
  readonly userImage: bigint;
  readonly userStack: bigint;
  /** Entry of the root table that points to the root. */
  readonly selfMapSlot: number;
}
