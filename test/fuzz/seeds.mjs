import * as layouts from '../../packages/engine/dist/layouts/index.js';
import { littleEndian } from './mutate.mjs';

/** Small valid files for the targets to start from, written field by field out of the layouts. */

/** @typedef {import('../../packages/engine/dist/layouts/index.js').Layout} Layout */

/**
 * Writes a structure's fields at `at`; numbers in all elements of an array from the first on.
 * @param {Uint8Array} file
 * @param {Layout} layout
 * @param {number} at
 * @param {Readonly<Record<string, number | bigint | Uint8Array | readonly (number | bigint)[]>>} values
 */
export function write(file, layout, at, values) {
  for (const [name, value] of Object.entries(values)) {
    const field = layout.fields[name];
    if (field === undefined) throw new Error(`${layout.name} has no field ${name}`);
    if (value instanceof Uint8Array) file.set(value, at + field.offset);
    else writeElements(file, field, at + field.offset, Array.isArray(value) ? value : [value]);
  }
}

/**
 * @param {Uint8Array} file
 * @param {{ kind: import('../../packages/engine/dist/layouts/index.js').FieldKind }} field
 * @param {number} at
 * @param {readonly (number | bigint)[]} values
 */
function writeElements(file, { kind }, at, values) {
  const size = layouts.elementSize(kind);
  values.forEach((value, index) => file.set(littleEndian(BigInt(value), size), at + index * size));
}

const page = 0x1000;
const text = (/** @type {string} */ value) => Uint8Array.from(value, (c) => c.charCodeAt(0));
const u32 = (/** @type {string} */ value) =>
  value.split('').reduceRight((sum, c) => sum * 256 + c.charCodeAt(0), 0);

/**
 * A 64-bit dump with header and room for `body` bytes behind it.
 * @param {number} dumpType
 * @param {number} body
 */
function dump64(dumpType, body) {
  const file = new Uint8Array(0x2000 + body);
  write(file, layouts.DUMP_HEADER64, 0, {
    Signature: u32('PAGE'),
    ValidDump: u32('DU64'),
    MajorVersion: 15,
    MinorVersion: 19041,
    DirectoryTableBase: 0x1000,
    MachineImageType: 0x8664,
    NumberProcessors: 1,
    BugCheckCode: 0x19,
    KdDebuggerDataBlock: 0xfffff80000001000n,
    DumpType: dumpType,
    Comment: text('seed\0'),
  });
  return file;
}

/** Pages 1 and 3 as two runs. */
export function fullDump64() {
  const file = dump64(1, 2 * page);
  const block = layouts.DUMP_HEADER64.fields.PhysicalMemoryBlock.offset;
  write(file, layouts.PHYSICAL_MEMORY_DESCRIPTOR64, block, { NumberOfRuns: 2, NumberOfPages: 2n });
  write(file, layouts.PHYSICAL_MEMORY_RUN64, block + 0x10, { BasePage: 1n, PageCount: 1n });
  write(file, layouts.PHYSICAL_MEMORY_RUN64, block + 0x20, { BasePage: 3n, PageCount: 1n });
  return file;
}

export function fullDump32() {
  const file = new Uint8Array(2 * page);
  write(file, layouts.DUMP_HEADER32, 0, {
    Signature: u32('PAGE'),
    ValidDump: u32('DUMP'),
    MajorVersion: 15,
    MinorVersion: 7601,
    DirectoryTableBase: 0x1000,
    MachineImageType: 0x14c,
    NumberProcessors: 1,
    PaeEnabled: 1,
    DumpType: 1,
  });
  const block = layouts.DUMP_HEADER32.fields.PhysicalMemoryBlock.offset;
  write(file, layouts.PHYSICAL_MEMORY_DESCRIPTOR32, block, { NumberOfRuns: 1, NumberOfPages: 1 });
  write(file, layouts.PHYSICAL_MEMORY_RUN32, block + 8, { BasePage: 1, PageCount: 1 });
  return file;
}

/** Pages 0 and 2 in a bitmap of three bits. */
export function bitmapDump64() {
  const file = dump64(6, 3 * page);
  write(file, layouts.BMP_DUMP, 0x2000, {
    Signature: u32('SDMP'),
    ValidDump: u32('DUMP'),
    HeaderSize: 0x3000n,
    Pages: 2n,
    BitmapSize: 3n,
  });
  file[0x2000 + layouts.BMP_DUMP.size] = 0b101;
  return file;
}

export function summaryDump64() {
  const file = dump64(2, 3 * page);
  write(file, layouts.SUMMARY_DUMP64, 0x2000, {
    Signature: u32('SDMP'),
    ValidDump: u32('DUMP'),
    HeaderSize: 0x3000,
    BitmapSize: 3,
    Pages: 2,
    SizeOfBitMap: 3,
  });
  file[0x2000 + layouts.SUMMARY_DUMP64.size] = 0b101;
  return file;
}

/** A complete range dump of one range. */
export function rangeDump64() {
  const file = dump64(10, 2 * page);
  write(file, layouts.RDMP_DUMP, 0x2000, {
    Marker: 0x40,
    Signature: u32('RDMP'),
    ValidDump: u32('DUMP'),
    MetadataSize: 0xfe0n,
    FirstPageOffset: 0x3000n,
    NumberOfRanges: 1,
    TotalNumberOfPages: 1n,
  });
  write(file, layouts.PFN_RANGE, 0x2000 + layouts.RDMP_DUMP.size, { FirstPfn: 5n, PageCount: 1n });
  return file;
}

/** A triage dump with a stack, a block, two names and secondary data. */
export function triageDump64() {
  const file = dump64(4, page);
  const [drivers, strings, blocks, data, end] = [0x2100, 0x2220, 0x2260, 0x2280, 0x2300];
  write(file, layouts.TRIAGE_DUMP64, 0x2000, {
    SizeOfDump: end,
    ValidOffset: end - 4,
    CallStackOffset: data,
    SizeOfCallStack: 0x40,
    DriverListOffset: drivers,
    DriverCount: 2,
    StringPoolOffset: strings,
    StringPoolSize: 0x40,
    TopOfStack: 0xffff8000_00002000n,
    DataBlocksOffset: blocks,
    DataBlocksCount: 1,
  });
  for (const [index, at] of [strings, strings + 0x20].entries()) {
    const entry = {
      DriverNameOffset: at,
      DllBase: 0xfffff800_00000000n + BigInt(index << 20),
      SizeOfImage: 0x10000,
    };
    write(file, layouts.DUMP_DRIVER_ENTRY64, drivers + index * layouts.DUMP_DRIVER_ENTRY64.size, entry);
    file.set([3, 0, 0, 0, 0x61, 0, 0x62, 0, 0x63, 0], at);
  }
  write(file, layouts.TRIAGE_DATA_BLOCK64, blocks, {
    Address: 0xffff8000_00001000n,
    Offset: data,
    Size: 0x20,
  });
  file.set(text('TRGD'), end - 4);
  file.set(text('DumpBlob'), end);
  write(file, layouts.DUMP_BLOB_FILE_HEADER, end, { HeaderSize: layouts.DUMP_BLOB_FILE_HEADER.size });
  write(file, layouts.DUMP_BLOB_HEADER, end + 0x10, {
    HeaderSize: layouts.DUMP_BLOB_HEADER.size,
    DataSize: 8,
  });
  return file;
}
