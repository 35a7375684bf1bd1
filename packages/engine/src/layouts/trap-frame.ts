import { layout, u8, u16, u32, u64 } from './layout.ts';

/** Trap frame of x64; r12..r15 are not in it. Source: PDB types of Windows 7, 8 and 10 (same offsets); checked on a real dump. */
export const KTRAP_FRAME64 = layout('KTRAP_FRAME64', 0x190, {
  PreviousMode: u8(0x28),
  PreviousIrql: u8(0x29),
  ExceptionActive: u8(0x2b),
  MxCsr: u32(0x2c),
  Rax: u64(0x30),
  Rcx: u64(0x38),
  Rdx: u64(0x40),
  R8: u64(0x48),
  R9: u64(0x50),
  R10: u64(0x58),
  R11: u64(0x60),
  FaultAddress: u64(0xd0),
  SegDs: u16(0x130),
  SegEs: u16(0x132),
  SegFs: u16(0x134),
  SegGs: u16(0x136),
  TrapFrame: u64(0x138),
  Rbx: u64(0x140),
  Rdi: u64(0x148),
  Rsi: u64(0x150),
  Rbp: u64(0x158),
  ErrorCode: u64(0x160),
  Rip: u64(0x168),
  SegCs: u16(0x170),
  EFlags: u32(0x178),
  Rsp: u64(0x180),
  SegSs: u16(0x188),
});

/** What the processor pushes when it takes an interrupt or exception in 64-bit mode. */
export const MACHINE_FRAME64 = layout('MACHINE_FRAME64', 0x28, {
  Rip: u64(0x00),
  SegCs: u16(0x08),
  EFlags: u32(0x10),
  Rsp: u64(0x18),
  SegSs: u16(0x20),
});

/** Trap frame of x86, XP to Windows 8. Source: PDB types. */
export const KTRAP_FRAME32 = layout('KTRAP_FRAME32', 0x8c, {
  DbgEbp: u32(0x00),
  DbgEip: u32(0x04),
  SegGs: u32(0x30),
  SegEs: u32(0x34),
  SegDs: u32(0x38),
  Edx: u32(0x3c),
  Ecx: u32(0x40),
  Eax: u32(0x44),
  SegFs: u32(0x50),
  Edi: u32(0x54),
  Esi: u32(0x58),
  Ebx: u32(0x5c),
  Ebp: u32(0x60),
  ErrCode: u32(0x64),
  Eip: u32(0x68),
  SegCs: u32(0x6c),
  EFlags: u32(0x70),
  HardwareEsp: u32(0x74),
  HardwareSegSs: u32(0x78),
});

/** The same in builds 17763 and 19041: the volatile registers and their segments are 4 bytes earlier. Source: PDB types. */
export const KTRAP_FRAME32_17763 = layout('KTRAP_FRAME32_17763', 0x8c, {
  DbgEbp: u32(0x00),
  DbgEip: u32(0x04),
  SegGs: u32(0x2c),
  SegEs: u32(0x30),
  SegDs: u32(0x34),
  Edx: u32(0x38),
  Ecx: u32(0x3c),
  Eax: u32(0x40),
  SegFs: u32(0x50),
  Edi: u32(0x54),
  Esi: u32(0x58),
  Ebx: u32(0x5c),
  Ebp: u32(0x60),
  ErrCode: u32(0x64),
  Eip: u32(0x68),
  SegCs: u32(0x6c),
  EFlags: u32(0x70),
  HardwareEsp: u32(0x74),
  HardwareSegSs: u32(0x78),
});

/** Nonvolatile registers that KiBugCheckDispatch and KiExceptionDispatch save. Source: PDB types, Windows 7 to 10. */
export const KEXCEPTION_FRAME64 = layout('KEXCEPTION_FRAME64', 0x140, {
  TrapFrame: u64(0xd0),
  Rbp: u64(0xf8),
  Rbx: u64(0x100),
  Rdi: u64(0x108),
  Rsi: u64(0x110),
  R12: u64(0x118),
  R13: u64(0x120),
  R14: u64(0x128),
  R15: u64(0x130),
  Return: u64(0x138),
});

/** Trap frame of arm64; x19..x28 are not in it. Source: the unwinder published with the .NET runtime; not seen in a dump. */
export const KTRAP_FRAME_ARM64 = layout('KTRAP_FRAME_ARM64', 0x150, {
  ExceptionActive: u8(0x00),
  PreviousMode: u8(0x03),
  FaultStatus: u32(0x04),
  FaultAddress: u64(0x08),
  Spsr: u32(0x90),
  Esr: u32(0x94),
  Sp: u64(0x98),
  X: u64(0xa0, 19),
  Lr: u64(0x138),
  Fp: u64(0x140),
  Pc: u64(0x148),
});
