import { bytes, layout, u8, u16, u32, u64 } from './layout.ts';

/** Processor context of x64. Source: public SDK (winnt.h); size asserted by kdmp-parser, seen in real dumps. */
export const CONTEXT_AMD64 = layout('CONTEXT_AMD64', 0x4d0, {
  ContextFlags: u32(0x30),
  MxCsr: u32(0x34),
  SegCs: u16(0x38),
  SegDs: u16(0x3a),
  SegEs: u16(0x3c),
  SegFs: u16(0x3e),
  SegGs: u16(0x40),
  SegSs: u16(0x42),
  EFlags: u32(0x44),
  Dr0: u64(0x48),
  Dr1: u64(0x50),
  Dr2: u64(0x58),
  Dr3: u64(0x60),
  Dr6: u64(0x68),
  Dr7: u64(0x70),
  Rax: u64(0x78),
  Rcx: u64(0x80),
  Rdx: u64(0x88),
  Rbx: u64(0x90),
  Rsp: u64(0x98),
  Rbp: u64(0xa0),
  Rsi: u64(0xa8),
  Rdi: u64(0xb0),
  R8: u64(0xb8),
  R9: u64(0xc0),
  R10: u64(0xc8),
  R11: u64(0xd0),
  R12: u64(0xd8),
  R13: u64(0xe0),
  R14: u64(0xe8),
  R15: u64(0xf0),
  Rip: u64(0xf8),
  FltSave: bytes(0x100, 512),
  VectorRegister: bytes(0x300, 26 * 16),
});

/** Processor context of x86. Source: public SDK (winnt.h). */
export const CONTEXT_X86 = layout('CONTEXT_X86', 0x2cc, {
  ContextFlags: u32(0x00),
  Dr0: u32(0x04),
  Dr1: u32(0x08),
  Dr2: u32(0x0c),
  Dr3: u32(0x10),
  Dr6: u32(0x14),
  Dr7: u32(0x18),
  FloatSave: bytes(0x1c, 0x70),
  SegGs: u32(0x8c),
  SegFs: u32(0x90),
  SegEs: u32(0x94),
  SegDs: u32(0x98),
  Edi: u32(0x9c),
  Esi: u32(0xa0),
  Ebx: u32(0xa4),
  Edx: u32(0xa8),
  Ecx: u32(0xac),
  Eax: u32(0xb0),
  Ebp: u32(0xb4),
  Eip: u32(0xb8),
  SegCs: u32(0xbc),
  EFlags: u32(0xc0),
  Esp: u32(0xc4),
  SegSs: u32(0xc8),
  ExtendedRegisters: bytes(0xcc, 512),
});

/** What FXSAVE stores: x87 and SSE registers. The names of its selectors hold in 32-bit mode. Source: public SDK (winnt.h). */
export const XMM_SAVE_AREA32 = layout('XMM_SAVE_AREA32', 0x200, {
  ControlWord: u16(0x00),
  StatusWord: u16(0x02),
  TagWord: u8(0x04),
  ErrorOpcode: u16(0x06),
  ErrorOffset: u32(0x08),
  ErrorSelector: u16(0x0c),
  DataOffset: u32(0x10),
  DataSelector: u16(0x14),
  MxCsr: u32(0x18),
  FloatRegisters: bytes(0x20, 8 * 16),
  XmmRegisters: bytes(0xa0, 16 * 16),
});

/** What FSAVE stores: x87 registers of x86. Source: public SDK (winnt.h). */
export const FLOATING_SAVE_AREA = layout('FLOATING_SAVE_AREA', 0x70, {
  ControlWord: u32(0x00),
  StatusWord: u32(0x04),
  TagWord: u32(0x08),
  ErrorOffset: u32(0x0c),
  ErrorSelector: u32(0x10),
  DataOffset: u32(0x14),
  DataSelector: u32(0x18),
  RegisterArea: bytes(0x1c, 80),
});

/** Processor context of arm64. Source: public SDK (winnt.h); flags, Fp, Sp and Pc seen in a real dump. */
export const CONTEXT_ARM64 = layout('CONTEXT_ARM64', 0x390, {
  ContextFlags: u32(0x00),
  Cpsr: u32(0x04),
  X: u64(0x08, 29),
  Fp: u64(0xf0),
  Lr: u64(0xf8),
  Sp: u64(0x100),
  Pc: u64(0x108),
  V: bytes(0x110, 512),
  Fpcr: u32(0x310),
  Fpsr: u32(0x314),
});
