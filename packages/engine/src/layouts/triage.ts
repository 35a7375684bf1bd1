import { bytes, layout, u16, u32, u64 } from './layout.ts';

/** Block at 0x2000 of a 64-bit triage dump; every Offset is a file offset. Source: real x64 and arm64 dumps. */
export const TRIAGE_DUMP64 = layout('TRIAGE_DUMP64', 0x80, {
  ServicePackBuild: u32(0x00),
  SizeOfDump: u32(0x04),
  ValidOffset: u32(0x08),
  ContextOffset: u32(0x0c),
  ExceptionOffset: u32(0x10),
  MmOffset: u32(0x14),
  UnloadedDriversOffset: u32(0x18),
  PrcbOffset: u32(0x1c),
  ProcessOffset: u32(0x20),
  ThreadOffset: u32(0x24),
  CallStackOffset: u32(0x28),
  SizeOfCallStack: u32(0x2c),
  DriverListOffset: u32(0x30),
  DriverCount: u32(0x34),
  StringPoolOffset: u32(0x38),
  StringPoolSize: u32(0x3c),
  BrokenDriverOffset: u32(0x40),
  TriageOptions: u32(0x44),
  TopOfStack: u64(0x48),
  DataPageAddress: u64(0x60),
  DataPageOffset: u32(0x68),
  DataPageSize: u32(0x6c),
  DebuggerDataOffset: u32(0x70),
  DebuggerDataSize: u32(0x74),
  DataBlocksOffset: u32(0x78),
  DataBlocksCount: u32(0x7c),
});

/** Block at 0x1000 of a 32-bit triage dump. Source: rizin; not seen on a real file. */
export const TRIAGE_DUMP32 = layout('TRIAGE_DUMP32', 0x68, {
  ServicePackBuild: u32(0x00),
  SizeOfDump: u32(0x04),
  ValidOffset: u32(0x08),
  ContextOffset: u32(0x0c),
  ExceptionOffset: u32(0x10),
  MmOffset: u32(0x14),
  UnloadedDriversOffset: u32(0x18),
  PrcbOffset: u32(0x1c),
  ProcessOffset: u32(0x20),
  ThreadOffset: u32(0x24),
  CallStackOffset: u32(0x28),
  SizeOfCallStack: u32(0x2c),
  DriverListOffset: u32(0x30),
  DriverCount: u32(0x34),
  StringPoolOffset: u32(0x38),
  StringPoolSize: u32(0x3c),
  BrokenDriverOffset: u32(0x40),
  TriageOptions: u32(0x44),
  TopOfStack: u32(0x48),
  DataPageAddress: u32(0x4c),
  DataPageOffset: u32(0x50),
  DataPageSize: u32(0x54),
  DebuggerDataOffset: u32(0x58),
  DebuggerDataSize: u32(0x5c),
  DataBlocksOffset: u32(0x60),
  DataBlocksCount: u32(0x64),
});

/** One saved piece of virtual memory. Source: real dumps. */
export const TRIAGE_DATA_BLOCK64 = layout('TRIAGE_DATA_BLOCK64', 0x10, {
  Address: u64(0x00),
  Offset: u32(0x08),
  Size: u32(0x0c),
});
/** A saved range of virtual memory in a small dump of x86. */
export const TRIAGE_DATA_BLOCK32 = layout('TRIAGE_DATA_BLOCK32', 0x0c, {
  Address: u32(0x00),
  Offset: u32(0x04),
  Size: u32(0x08),
});

/** One driver; only these fields are written. The stride is (StringPoolOffset - DriverListOffset) / DriverCount. */
export const DUMP_DRIVER_ENTRY64 = layout('DUMP_DRIVER_ENTRY64', 0x90, {
  DriverNameOffset: u32(0x00),
  DllBase: u64(0x38),
  EntryPoint: u64(0x40),
  SizeOfImage: u32(0x48),
  CheckSum: u32(0x80),
  TimeDateStamp: u32(0x88),
});

/** The same in a 32-bit dump: the name offset, then KLDR_DATA_TABLE_ENTRY32. Source: structure arithmetic, not seen on a real file. */
export const DUMP_DRIVER_ENTRY32 = layout('DUMP_DRIVER_ENTRY32', 0x4c, {
  DriverNameOffset: u32(0x00),
  DllBase: u32(0x1c),
  EntryPoint: u32(0x20),
  SizeOfImage: u32(0x24),
  CheckSum: u32(0x44),
  TimeDateStamp: u32(0x48),
});

/** One unloaded driver of a triage dump: names are cut to 12 characters. Source: real dumps (64-bit). */
export const DUMP_UNLOADED_DRIVERS64 = layout('DUMP_UNLOADED_DRIVERS64', 0x38, {
  Length: u16(0x00),
  MaximumLength: u16(0x02),
  DriverName: bytes(0x10, 24),
  StartAddress: u64(0x28),
  EndAddress: u64(0x30),
});
/** An unloaded driver in a small dump of x86. */
export const DUMP_UNLOADED_DRIVERS32 = layout('DUMP_UNLOADED_DRIVERS32', 0x28, {
  Length: u16(0x00),
  MaximumLength: u16(0x02),
  DriverName: bytes(0x08, 24),
  StartAddress: u32(0x20),
  EndAddress: u32(0x24),
});
