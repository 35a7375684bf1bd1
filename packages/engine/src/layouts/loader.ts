import { layout, u16, u32, u64 } from './layout.ts';

/** A counted UTF-16 string: lengths in bytes. Source: public SDK. */
export const UNICODE_STRING64 = layout('UNICODE_STRING64', 0x10, {
  Length: u16(0x00),
  MaximumLength: u16(0x02),
  Buffer: u64(0x08),
});
/** A counted UTF-16 text of x86. */
export const UNICODE_STRING32 = layout('UNICODE_STRING32', 0x08, {
  Length: u16(0x00),
  MaximumLength: u16(0x02),
  Buffer: u32(0x04),
});

/** One loaded kernel image; the head of the list is nt!PsLoadedModuleList. Source: PDB types of Windows 7 to 10 (same up to CheckSum). */
export const KLDR_DATA_TABLE_ENTRY64 = layout('KLDR_DATA_TABLE_ENTRY64', 0x80, {
  InLoadOrderLinks: u64(0x00, 2),
  ExceptionTable: u64(0x10),
  ExceptionTableSize: u32(0x18),
  DllBase: u64(0x30),
  EntryPoint: u64(0x38),
  SizeOfImage: u32(0x40),
  FullDllNameLength: u16(0x48),
  FullDllNameBuffer: u64(0x50),
  BaseDllNameLength: u16(0x58),
  BaseDllNameBuffer: u64(0x60),
  Flags: u32(0x68),
  LoadCount: u16(0x6c),
  SectionPointer: u64(0x70),
  CheckSum: u32(0x78),
});
/** A loaded module in the kernel's list, of x86. */
export const KLDR_DATA_TABLE_ENTRY32 = layout('KLDR_DATA_TABLE_ENTRY32', 0x44, {
  InLoadOrderLinks: u32(0x00, 2),
  DllBase: u32(0x18),
  EntryPoint: u32(0x1c),
  SizeOfImage: u32(0x20),
  FullDllNameLength: u16(0x24),
  FullDllNameBuffer: u32(0x28),
  BaseDllNameLength: u16(0x2c),
  BaseDllNameBuffer: u32(0x30),
  Flags: u32(0x34),
  LoadCount: u16(0x38),
  SectionPointer: u32(0x3c),
  CheckSum: u32(0x40),
});

/** Entry of the array that nt!MmUnloadedDrivers points to; 50 entries. Source: rekall and volatility agree. */
export const UNLOADED_DRIVERS64 = layout('UNLOADED_DRIVERS64', 0x28, {
  NameLength: u16(0x00),
  NameBuffer: u64(0x08),
  StartAddress: u64(0x10),
  EndAddress: u64(0x18),
  CurrentTime: u64(0x20),
});
/** An entry of nt!MmUnloadedDrivers of x86. */
export const UNLOADED_DRIVERS32 = layout('UNLOADED_DRIVERS32', 0x18, {
  NameLength: u16(0x00),
  NameBuffer: u32(0x04),
  StartAddress: u32(0x08),
  EndAddress: u32(0x0c),
  CurrentTime: u64(0x10),
});
