import type { KernelStructure } from '../kernel-structure.ts';
import type { KernelProfile } from './profile.ts';

/** Windows 10 20H1 to 22H2, x86. Source: PDB types of 19041. */
export const x86Windows19041: KernelProfile = {
  build: 19041,
  majorVersion: 15,
  buildLab: '19041.1.x86fre.vb_release.191206-1406',
  pointerSize: 4,
  process: {
    size: 0x4c0,
    members: {
      HeaderType: [0x00, 'u8'],
      DirectoryTableBase: [0x18, 'u32'],
      ThreadListHead: [0x2c, 'list'],
      UniqueProcessId: [0xe4, 'pointer'],
      ActiveProcessLinks: [0xe8, 'list'],
      CreateTime: [0x100, 'u64'],
      InheritedFromUniqueProcessId: [0x170, 'pointer'],
      Peb: [0x17c, 'pointer'],
      ImageFileName: [0x1ac, 'u8'],
    },
  },
  thread: {
    size: 0x4e0,
    members: {
      HeaderType: [0x00, 'u8'],
      InitialStack: [0x20, 'pointer'],
      StackLimit: [0x24, 'pointer'],
      StackBase: [0x28, 'pointer'],
      KernelStack: [0x48, 'pointer'],
      TrapFrame: [0x6c, 'pointer'],
      ApcStateProcess: [0x80, 'pointer'],
      Teb: [0xa8, 'pointer'],
      State: [0x90, 'u8'],
      WaitIrql: [0x92, 'u8'],
      Process: [0x150, 'pointer'],
      WaitReason: [0x18b, 'u8'],
      ThreadListEntry: [0x1d4, 'list'],
      UniqueProcess: [0x2ac, 'pointer'],
      UniqueThread: [0x2b0, 'pointer'],
      IrpList: [0x2cc, 'list'],
      StartAddress: [0x298, 'pointer'],
    },
  },
  prcb: {
    size: 0x5f00,
    members: {
      CurrentThread: [0x04, 'pointer'],
      IdleThread: [0x0c, 'pointer'],
      CpuType: [0x14, 'u8'],
      ContextFrame: [0x18, 'u8'],
      SpecialRegisters: [0x2e4, 'u8'],
      MHz: [0x3c0, 'u32'],
      Number: [0x3cc, 'u32'],
      DpcStack: [0x2210, 'pointer'],
      VendorString: [0x3d3c, 'u8'],
      Context: [0x4168, 'pointer'],
      IsrStack: [0x429c, 'pointer'],
    },
  },
  pcr: {
    size: 0x6020,
    members: {
      Self: [0x1c, 'pointer'],
      CurrentPrcb: [0x20, 'pointer'],
      Irql: [0x24, 'u8'],
      Prcb: [0x120, 'u8'],
    },
  },
  specialRegisters: {
    size: 0x54,
    members: { Cr0: [0x00, 'u32'], Cr2: [0x04, 'u32'], Cr3: [0x08, 'u32'], Cr4: [0x0c, 'u32'] },
  },
  loaderEntry: {
    size: 0x5c,
    members: {
      InLoadOrderLinks: [0x00, 'list'],
      ExceptionTable: [0x08, 'pointer'],
      ExceptionTableSize: [0x0c, 'u32'],
      DllBase: [0x18, 'pointer'],
      EntryPoint: [0x1c, 'pointer'],
      SizeOfImage: [0x20, 'u32'],
      FullDllName: [0x24, 'u8'],
      BaseDllName: [0x2c, 'u8'],
      Flags: [0x34, 'u32'],
      LoadCount: [0x38, 'u16'],
      CheckSum: [0x40, 'u32'],
      TimeDateStamp: [0x58, 'u32'],
    },
  },
  unloadedDriver: {
    size: 0x18,
    members: {
      Name: [0x00, 'u8'],
      StartAddress: [0x08, 'pointer'],
      EndAddress: [0x0c, 'pointer'],
      CurrentTime: [0x10, 'u64'],
    },
  },
  debuggerNumbers: { PaeEnabled: 1, GdtR0Code: 0x08, GdtR0Data: 0x10, GdtR0Pcr: 0x30, GdtR3Code: 0x1b },
  addresses: {
    kernelImage: 0xffff_ffff_81c1_4000n,
    halImage: 0xffff_ffff_8202_d000n,
    driverImages: 0xffff_ffff_8c60_0000n,
    nonPagedPool: 0xffff_ffff_8640_0000n,
    pagedPool: 0xffff_ffff_9a40_0000n,
    stacks: 0xffff_ffff_98c0_0000n,
    processors: 0xffff_ffff_8262_0000n,
    sharedData: 0xffff_ffff_ffdf_0000n,
    userImage: 0x77a4_0000n,
    userStack: 0x00c7_e000n,
    selfMapSlot: 0,
  },
};

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

/** KTRAP_FRAME of 17763 and later: SegGs to Eax lie four bytes lower than up to Windows 8.1. */
export const trapFrameX86: KernelStructure<TrapMember> = {
  size: 0x8c,
  members: {
    DbgEbp: [0x00, 'u32'],
    DbgEip: [0x04, 'u32'],
    SegGs: [0x2c, 'u32'],
    SegEs: [0x30, 'u32'],
    SegDs: [0x34, 'u32'],
    Edx: [0x38, 'u32'],
    Ecx: [0x3c, 'u32'],
    Eax: [0x40, 'u32'],
    SegFs: [0x50, 'u32'],
    Edi: [0x54, 'u32'],
    Esi: [0x58, 'u32'],
    Ebx: [0x5c, 'u32'],
    Ebp: [0x60, 'u32'],
    ErrCode: [0x64, 'u32'],
    Eip: [0x68, 'u32'],
    SegCs: [0x6c, 'u32'],
    EFlags: [0x70, 'u32'],
    HardwareEsp: [0x74, 'u32'],
    HardwareSegSs: [0x78, 'u32'],
  },
};
