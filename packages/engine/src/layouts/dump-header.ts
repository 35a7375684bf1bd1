import { bytes, layout, u8, u16, u32, u64 } from './layout.ts';

/** First page pair of a 64-bit dump. Source: mindumpdef.h names; checked on real x64 and arm64 triage dumps. */
export const DUMP_HEADER64 = layout('DUMP_HEADER64', 0x2000, {
  Signature: u32(0x000),
  ValidDump: u32(0x004),
  MajorVersion: u32(0x008),
  MinorVersion: u32(0x00c),
  DirectoryTableBase: u64(0x010),
  PfnDataBase: u64(0x018),
  PsLoadedModuleList: u64(0x020),
  PsActiveProcessHead: u64(0x028),
  MachineImageType: u32(0x030),
  NumberProcessors: u32(0x034),
  BugCheckCode: u32(0x038),
  BugCheckParameters: u64(0x040, 4),
  VersionUser: bytes(0x060, 32),
  KdDebuggerDataBlock: u64(0x080),
  PhysicalMemoryBlock: bytes(0x088, 700),
  ContextRecord: bytes(0x348, 3000),
  Exception: bytes(0xf00, 0x98),
  DumpType: u32(0xf98),
  RequiredDumpSpace: u64(0xfa0),
  SystemTime: u64(0xfa8),
  Comment: bytes(0xfb0, 128),
  SystemUpTime: u64(0x1030),
  MiniDumpFields: u32(0x1038),
  SecondaryDataState: u32(0x103c),
  ProductType: u32(0x1040),
  SuiteMask: u32(0x1044),
  WriterStatus: u32(0x1048),
  KdSecondaryVersion: u8(0x104d),
  Attributes: u32(0x1050),
  BootId: u32(0x1054),
});

/** First page of a 32-bit dump. Source: mindumpdef.h names, rizin and volatility 3 agree. */
export const DUMP_HEADER32 = layout('DUMP_HEADER32', 0x1000, {
  Signature: u32(0x000),
  ValidDump: u32(0x004),
  MajorVersion: u32(0x008),
  MinorVersion: u32(0x00c),
  DirectoryTableBase: u32(0x010),
  PfnDataBase: u32(0x014),
  PsLoadedModuleList: u32(0x018),
  PsActiveProcessHead: u32(0x01c),
  MachineImageType: u32(0x020),
  NumberProcessors: u32(0x024),
  BugCheckCode: u32(0x028),
  BugCheckParameters: u32(0x02c, 4),
  VersionUser: bytes(0x03c, 32),
  PaeEnabled: u8(0x05c),
  KdSecondaryVersion: u8(0x05d),
  KdDebuggerDataBlock: u32(0x060),
  PhysicalMemoryBlock: bytes(0x064, 700),
  ContextRecord: bytes(0x320, 1200),
  Exception: bytes(0x7d0, 0x50),
  Comment: bytes(0x820, 128),
  Attributes: u32(0x8a0),
  BootId: u32(0x8a4),
  DumpType: u32(0xf88),
  MiniDumpFields: u32(0xf8c),
  SecondaryDataState: u32(0xf90),
  ProductType: u32(0xf94),
  SuiteMask: u32(0xf98),
  WriterStatus: u32(0xf9c),
  RequiredDumpSpace: u64(0xfa0),
  SystemUpTime: u64(0xfb8),
  SystemTime: u64(0xfc0),
});

/** Run list inside a 64-bit header's PhysicalMemoryBlock; Run[] follows at 0x10. */
export const PHYSICAL_MEMORY_DESCRIPTOR64 = layout('PHYSICAL_MEMORY_DESCRIPTOR64', 0x10, {
  NumberOfRuns: u32(0x00),
  NumberOfPages: u64(0x08),
});
/** A run of physical pages in the header of a 64-bit dump. */
export const PHYSICAL_MEMORY_RUN64 = layout('PHYSICAL_MEMORY_RUN64', 0x10, {
  BasePage: u64(0x00),
  PageCount: u64(0x08),
});

/** Run list inside a 32-bit header's PhysicalMemoryBlock; Run[] follows at 0x08. */
export const PHYSICAL_MEMORY_DESCRIPTOR32 = layout('PHYSICAL_MEMORY_DESCRIPTOR32', 0x08, {
  NumberOfRuns: u32(0x00),
  NumberOfPages: u32(0x04),
});
/** A run of physical pages in the header of an x86 dump. */
export const PHYSICAL_MEMORY_RUN32 = layout('PHYSICAL_MEMORY_RUN32', 0x08, {
  BasePage: u32(0x00),
  PageCount: u32(0x04),
});

/** Exception record as 64-bit dumps store it. Source: EXCEPTION_RECORD64 of the public SDK. */
export const EXCEPTION_RECORD64 = layout('EXCEPTION_RECORD64', 0x98, {
  ExceptionCode: u32(0x00),
  ExceptionFlags: u32(0x04),
  ExceptionRecord: u64(0x08),
  ExceptionAddress: u64(0x10),
  NumberParameters: u32(0x18),
  ExceptionInformation: u64(0x20, 15),
});

/** Exception record as 32-bit dumps store it. Source: EXCEPTION_RECORD32 of the public SDK. */
export const EXCEPTION_RECORD32 = layout('EXCEPTION_RECORD32', 0x50, {
  ExceptionCode: u32(0x00),
  ExceptionFlags: u32(0x04),
  ExceptionRecord: u32(0x08),
  ExceptionAddress: u32(0x0c),
  NumberParameters: u32(0x10),
  ExceptionInformation: u32(0x14, 15),
});

/** Kernel dumps of XP to Windows 7 (DumpType 2), 64-bit; the bitmap follows at 0x28. Source: WDK listing, not seen on a real file. */
export const SUMMARY_DUMP64 = layout('SUMMARY_DUMP64', 0x28, {
  Signature: u32(0x00),
  ValidDump: u32(0x04),
  DumpOptions: u32(0x08),
  HeaderSize: u32(0x0c),
  BitmapSize: u32(0x10),
  Pages: u32(0x14),
  SizeOfBitMap: u32(0x18),
  Buffer: u64(0x20),
});

/** The same for 32-bit dumps; the bitmap follows at 0x20. */
export const SUMMARY_DUMP32 = layout('SUMMARY_DUMP32', 0x20, {
  Signature: u32(0x00),
  ValidDump: u32(0x04),
  DumpOptions: u32(0x08),
  HeaderSize: u32(0x0c),
  BitmapSize: u32(0x10),
  Pages: u32(0x14),
  SizeOfBitMap: u32(0x18),
  Buffer: u32(0x1c),
});

/** Bitmap dumps of Windows 8 and later (DumpType 5 and 6); the bitmap follows at 0x38. Source: kdmp-parser, volatility 3, LeechCore agree. */
export const BMP_DUMP = layout('BMP_DUMP', 0x38, {
  Signature: u32(0x00),
  ValidDump: u32(0x04),
  DumpOptions: u32(0x08),
  HeaderSize: u64(0x20),
  Pages: u64(0x28),
  BitmapSize: u64(0x30),
});

/** Range dumps of current debuggers (DumpType 8, 9, 0xA); PFN ranges follow at 0x30. Source: kdmp-parser-rs. */
export const RDMP_DUMP = layout('RDMP_DUMP', 0x30, {
  Marker: u32(0x00),
  Signature: u32(0x04),
  ValidDump: u32(0x08),
  MetadataSize: u64(0x10),
  FirstPageOffset: u64(0x18),
  NumberOfRanges: u32(0x20),
  ReservedRange: u16(0x24, 2),
  TotalNumberOfPages: u64(0x28),
});
/** A range of page frames in a range dump. */
export const PFN_RANGE = layout('PFN_RANGE', 0x10, { FirstPfn: u64(0x00), PageCount: u64(0x08) });

/** Header of the secondary data that follows the memory of a dump. Source: real triage dumps. */
export const DUMP_BLOB_FILE_HEADER = layout('DUMP_BLOB_FILE_HEADER', 0x10, {
  Signature1: u32(0x00),
  Signature2: u32(0x04),
  HeaderSize: u32(0x08),
  BuildNumber: u32(0x0c),
});
/** Head of a piece of secondary data behind a dump's memory. */
export const DUMP_BLOB_HEADER = layout('DUMP_BLOB_HEADER', 0x20, {
  HeaderSize: u32(0x00),
  Tag: bytes(0x04, 16),
  DataSize: u32(0x14),
  PrePad: u32(0x18),
  PostPad: u32(0x1c),
});
