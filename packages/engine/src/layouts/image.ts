import { bytes, layout, u8, u16, u32, u64 } from './layout.ts';

/*
 * Portable executable images. Source: the public PE/COFF specification and winnt.h; every structure is checked
 * against real images for x64, x86 and arm64.
 */

/** The first bytes of an image, which lead to its headers. */
export const IMAGE_DOS_HEADER = layout('IMAGE_DOS_HEADER', 0x40, {
  e_magic: u16(0x00),
  e_lfanew: u32(0x3c),
});

/** Follows the four bytes `PE\0\0`. */
export const IMAGE_FILE_HEADER = layout('IMAGE_FILE_HEADER', 0x14, {
  Machine: u16(0x00),
  NumberOfSections: u16(0x02),
  TimeDateStamp: u32(0x04),
  PointerToSymbolTable: u32(0x08),
  NumberOfSymbols: u32(0x0c),
  SizeOfOptionalHeader: u16(0x10),
  Characteristics: u16(0x12),
});

/** Magic 0x10b; the data directories follow at its end. */
export const IMAGE_OPTIONAL_HEADER32 = layout('IMAGE_OPTIONAL_HEADER32', 0x60, {
  Magic: u16(0x00),
  MajorLinkerVersion: u8(0x02),
  MinorLinkerVersion: u8(0x03),
  SizeOfCode: u32(0x04),
  SizeOfInitializedData: u32(0x08),
  SizeOfUninitializedData: u32(0x0c),
  AddressOfEntryPoint: u32(0x10),
  BaseOfCode: u32(0x14),
  ImageBase: u32(0x1c),
  SectionAlignment: u32(0x20),
  FileAlignment: u32(0x24),
  MajorOperatingSystemVersion: u16(0x28),
  MinorOperatingSystemVersion: u16(0x2a),
  MajorImageVersion: u16(0x2c),
  MinorImageVersion: u16(0x2e),
  MajorSubsystemVersion: u16(0x30),
  MinorSubsystemVersion: u16(0x32),
  SizeOfImage: u32(0x38),
  SizeOfHeaders: u32(0x3c),
  CheckSum: u32(0x40),
  Subsystem: u16(0x44),
  DllCharacteristics: u16(0x46),
  SizeOfStackReserve: u32(0x48),
  SizeOfStackCommit: u32(0x4c),
  SizeOfHeapReserve: u32(0x50),
  SizeOfHeapCommit: u32(0x54),
  NumberOfRvaAndSizes: u32(0x5c),
});

/** Magic 0x20b; the data directories follow at its end. */
export const IMAGE_OPTIONAL_HEADER64 = layout('IMAGE_OPTIONAL_HEADER64', 0x70, {
  Magic: u16(0x00),
  MajorLinkerVersion: u8(0x02),
  MinorLinkerVersion: u8(0x03),
  SizeOfCode: u32(0x04),
  SizeOfInitializedData: u32(0x08),
  SizeOfUninitializedData: u32(0x0c),
  AddressOfEntryPoint: u32(0x10),
  BaseOfCode: u32(0x14),
  ImageBase: u64(0x18),
  SectionAlignment: u32(0x20),
  FileAlignment: u32(0x24),
  MajorOperatingSystemVersion: u16(0x28),
  MinorOperatingSystemVersion: u16(0x2a),
  MajorImageVersion: u16(0x2c),
  MinorImageVersion: u16(0x2e),
  MajorSubsystemVersion: u16(0x30),
  MinorSubsystemVersion: u16(0x32),
  SizeOfImage: u32(0x38),
  SizeOfHeaders: u32(0x3c),
  CheckSum: u32(0x40),
  Subsystem: u16(0x44),
  DllCharacteristics: u16(0x46),
  SizeOfStackReserve: u64(0x48),
  SizeOfStackCommit: u64(0x50),
  SizeOfHeapReserve: u64(0x58),
  SizeOfHeapCommit: u64(0x60),
  NumberOfRvaAndSizes: u32(0x6c),
});

/** Where a table of an image lies. */
export const IMAGE_DATA_DIRECTORY = layout('IMAGE_DATA_DIRECTORY', 8, {
  VirtualAddress: u32(0x00),
  Size: u32(0x04),
});

/** A section of an image. */
export const IMAGE_SECTION_HEADER = layout('IMAGE_SECTION_HEADER', 0x28, {
  Name: bytes(0x00, 8),
  VirtualSize: u32(0x08),
  VirtualAddress: u32(0x0c),
  SizeOfRawData: u32(0x10),
  PointerToRawData: u32(0x14),
  PointerToRelocations: u32(0x18),
  PointerToLinenumbers: u32(0x1c),
  NumberOfRelocations: u16(0x20),
  NumberOfLinenumbers: u16(0x22),
  Characteristics: u32(0x24),
});

/** An entry of an image's debug directory. */
export const IMAGE_DEBUG_DIRECTORY = layout('IMAGE_DEBUG_DIRECTORY', 0x1c, {
  Characteristics: u32(0x00),
  TimeDateStamp: u32(0x04),
  MajorVersion: u16(0x08),
  MinorVersion: u16(0x0a),
  Type: u32(0x0c),
  SizeOfData: u32(0x10),
  AddressOfRawData: u32(0x14),
  PointerToRawData: u32(0x18),
});

/** The head of an image's exports. */
export const IMAGE_EXPORT_DIRECTORY = layout('IMAGE_EXPORT_DIRECTORY', 0x28, {
  TimeDateStamp: u32(0x04),
  Name: u32(0x0c),
  Base: u32(0x10),
  NumberOfFunctions: u32(0x14),
  NumberOfNames: u32(0x18),
  AddressOfFunctions: u32(0x1c),
  AddressOfNames: u32(0x20),
  AddressOfNameOrdinals: u32(0x24),
});

/** One function, or part of one, of an x64 image. */
export const IMAGE_RUNTIME_FUNCTION_ENTRY = layout('IMAGE_RUNTIME_FUNCTION_ENTRY', 0x0c, {
  BeginAddress: u32(0x00),
  EndAddress: u32(0x04),
  UnwindData: u32(0x08),
});

/** One function, or part of one, of an arm64 image. */
export const IMAGE_ARM64_RUNTIME_FUNCTION_ENTRY = layout('IMAGE_ARM64_RUNTIME_FUNCTION_ENTRY', 8, {
  BeginAddress: u32(0x00),
  UnwindData: u32(0x04),
});

/** A level of an image's resources. */
export const IMAGE_RESOURCE_DIRECTORY = layout('IMAGE_RESOURCE_DIRECTORY', 0x10, {
  NumberOfNamedEntries: u16(0x0c),
  NumberOfIdEntries: u16(0x0e),
});

/** An entry of a level of an image's resources. */
export const IMAGE_RESOURCE_DIRECTORY_ENTRY = layout('IMAGE_RESOURCE_DIRECTORY_ENTRY', 8, {
  Name: u32(0x00),
  OffsetToData: u32(0x04),
});

/** Where a resource of an image lies. */
export const IMAGE_RESOURCE_DATA_ENTRY = layout('IMAGE_RESOURCE_DATA_ENTRY', 0x10, {
  OffsetToData: u32(0x00),
  Size: u32(0x04),
});

/** The part of an image's version that is no text. */
export const VS_FIXEDFILEINFO = layout('VS_FIXEDFILEINFO', 0x34, {
  dwSignature: u32(0x00),
  dwStrucVersion: u32(0x04),
  dwFileVersionMS: u32(0x08),
  dwFileVersionLS: u32(0x0c),
  dwProductVersionMS: u32(0x10),
  dwProductVersionLS: u32(0x14),
  dwFileFlagsMask: u32(0x18),
  dwFileFlags: u32(0x1c),
  dwFileOS: u32(0x20),
  dwFileType: u32(0x24),
  dwFileSubtype: u32(0x28),
  dwFileDateMS: u32(0x2c),
  dwFileDateLS: u32(0x30),
});

/** Heads a block of 16-bit entries: type in the high four bits, offset in the page in the others. */
export const IMAGE_BASE_RELOCATION = layout('IMAGE_BASE_RELOCATION', 8, {
  VirtualAddress: u32(0x00),
  SizeOfBlock: u32(0x04),
});

/** As far as a comparison with memory needs it; its real length is in Size and has grown with every release. */
export const IMAGE_LOAD_CONFIG_DIRECTORY32 = layout('IMAGE_LOAD_CONFIG_DIRECTORY32', 0x90, {
  Size: u32(0x00),
  SecurityCookie: u32(0x3c),
  GuardCFCheckFunctionPointer: u32(0x48),
  GuardCFDispatchFunctionPointer: u32(0x4c),
  DynamicValueRelocTableOffset: u32(0x88),
  DynamicValueRelocTableSection: u16(0x8c),
});

/** See IMAGE_LOAD_CONFIG_DIRECTORY32. */
export const IMAGE_LOAD_CONFIG_DIRECTORY64 = layout('IMAGE_LOAD_CONFIG_DIRECTORY64', 0xe8, {
  Size: u32(0x00),
  SecurityCookie: u64(0x58),
  GuardCFCheckFunctionPointer: u64(0x70),
  GuardCFDispatchFunctionPointer: u64(0x78),
  DynamicValueRelocTableOffset: u32(0xe0),
  DynamicValueRelocTableSection: u16(0xe4),
});

/** Heads the table of places that the loader rewrites for the machine it runs on. */
export const IMAGE_DYNAMIC_RELOCATION_TABLE = layout('IMAGE_DYNAMIC_RELOCATION_TABLE', 8, {
  Version: u32(0x00),
  Size: u32(0x04),
});

/** Version 1; blocks follow. */
export const IMAGE_DYNAMIC_RELOCATION32 = layout('IMAGE_DYNAMIC_RELOCATION32', 8, {
  Symbol: u32(0x00),
  BaseRelocSize: u32(0x04),
});

/** Version 1; blocks follow. */
export const IMAGE_DYNAMIC_RELOCATION64 = layout('IMAGE_DYNAMIC_RELOCATION64', 0x0c, {
  Symbol: u64(0x00),
  BaseRelocSize: u32(0x08),
});
