import type { FileOffset, Va } from '@poolscope/engine/base';
import {
  DUMP_DRIVER_ENTRY32,
  DUMP_DRIVER_ENTRY64,
  TRIAGE_DATA_BLOCK32,
  TRIAGE_DATA_BLOCK64,
  TRIAGE_DUMP32,
  TRIAGE_DUMP64,
} from '@poolscope/engine/layouts';
import { alignUp, fourCc, u32Bytes } from '../bytes/integers.ts';
import type { Piece } from '../bytes/piece.ts';
import { structBytes } from '../bytes/struct-writer.ts';
import type { PageRun } from '../memory/page-source.ts';
import { type BlobFile, blobPieces, blobSize } from './blobs.ts';
import { dumpHeader, headerSize } from './header.ts';
import type { HeaderFacts } from './page-dumps.ts';
import { SectionBuffer } from './section-buffer.ts';
import {
  type DumpDriver,
  driverEntries,
  mmStorage,
  stringPool,
  type UnloadedDriver,
  unloadedDrivers,
  unloadedSlotSize,
} from './triage-tables.ts';

/**
 * Who wrote a small dump: A the kernel up to Windows 8.1, B a debugger that shrank a larger dump, C the kernel of
 * Windows 10 and 11. They differ in section order, names, options and packing. Source: 75 real dumps.
 */
export type TriageFamily = 'A' | 'B' | 'C';

/** Virtual memory to save, with its address. */
export interface DataBlock {
  readonly address: Va;
  readonly bytes: Uint8Array;
}

/** All that a small dump holds. */
export interface TriageDump {
  readonly family: TriageFamily;
  readonly header: HeaderFacts;
  /** Run list for the header of family C. */
  readonly runs: readonly PageRun[];
  readonly prcb: Uint8Array;
  readonly process: Uint8Array;
  readonly thread: Uint8Array;
  readonly stack: DataBlock;
  readonly debuggerData: Uint8Array;
  readonly drivers: readonly DumpDriver[];
  /** Newest first. */
  readonly unloaded: readonly UnloadedDriver[];
  readonly blocks: readonly DataBlock[];
  readonly blobs?: BlobFile | undefined;
  /** Size of the dump that family B was made from; goes into RequiredDumpSpace. */
  readonly sourceSize?: number;
}

const validMark = fourCc('TRGD');

/** Families A and B write 0xCFF, C adds the memory manager's numbers (0x100). */
const miniDumpFields: Record<TriageFamily, number> = { A: 0xcff, B: 0xcff, C: 0xdff };
const triageOptions: Record<TriageFamily, number> = { A: 0xffff_ffff, B: 0xffff_ffff, C: 0x41 };

/** Family A reserves this much for the file's first part, whatever is in it. */
const familyASize = 0x4_0000;
const familyCAlignment = 0x200;

/** Type 4. */
export function* triageDump(dump: TriageDump): Generator<Piece> {
  const start = headerSize(dump.header.wide);
  const body = emptyBody(dump);
  const offsets = addSections(body, dump);
  const blockList = addBlocks(body, dump);
  const sizeOfDump = addEnd(body, dump, blockList.padding);
  const space = sizeOfDump + blobSize(dump.blobs);
  yield { offset: 0, bytes: triageHeader(dump, space) };
  yield { offset: start, bytes: triageBlock(dump, { ...offsets, ...blockList, sizeOfDump }) };
  yield { offset: body.start, bytes: body.bytes() };
  yield* blobPieces(dump.blobs, sizeOfDump);
}

/** The blocks that the file really gets: family A has no room for more. */
export function savedBlocks(dump: TriageDump): readonly DataBlock[] {
  const body = emptyBody(dump);
  addSections(body, dump);
  return blocksThatFit(dump, body.end);
}

const emptyBody = ({ header: { wide } }: TriageDump): SectionBuffer =>
  new SectionBuffer(headerSize(wide) + (wide ? TRIAGE_DUMP64.size : TRIAGE_DUMP32.size));

function triageHeader({ header, family, runs, sourceSize = 0 }: TriageDump, fileSize: number): Uint8Array {
  const byKernel10 = family === 'C';
  return dumpHeader({
    ...header,
    context: header.context && (byKernel10 ? header.context : wholeContext(header.context, header.wide)),
    dumpType: 4,
    miniDumpFields: miniDumpFields[family],
    writerStatus: byKernel10 ? undefined : 0,
    secondaryDataState: byKernel10 ? 0 : undefined,
    attributes: byKernel10 ? 8 : undefined,
    runs: byKernel10 ? runs : undefined,
    requiredDumpSpace: family === 'B' ? Math.max(fileSize, sourceSize) : fileSize,
  });
}

/** Families A and B clear the rest of the header's context buffer. */
function wholeContext(context: Uint8Array, wide: boolean): Uint8Array {
  const buffer = new Uint8Array(wide ? 3000 : 1200);
  buffer.set(context);
  return buffer;
}

interface SectionOffsets {
  readonly mm: FileOffset;
  readonly unloaded: FileOffset;
  readonly prcb: FileOffset;
  readonly process: FileOffset;
  readonly thread: FileOffset;
  readonly stack: FileOffset;
  readonly debuggerData: FileOffset;
  readonly drivers: FileOffset;
  readonly strings: FileOffset;
  readonly stringsSize: number;
}

function addSections(body: SectionBuffer, dump: TriageDump): SectionOffsets {
  const { wide } = dump.header;
  const mm = wide ? body.add(mmStorage()) : 0;
  const early = dump.family === 'C' ? undefined : body.add(unloadedDrivers(dump.unloaded, wide));
  const prcb = body.add(dump.prcb);
  const process = body.add(dump.process);
  const thread = body.add(dump.thread);
  const stack = body.add(dump.stack.bytes);
  const debuggerData = body.add(dump.debuggerData);
  const unloaded = early ?? body.add(unloadedDrivers(dump.unloaded, wide), unloadedSlotSize(wide));
  const names = dump.drivers.map((driver) => (dump.family === 'C' ? driver.baseName : driver.fullName));
  const stride = wide ? DUMP_DRIVER_ENTRY64.size : DUMP_DRIVER_ENTRY32.size;
  const pool = stringPool(names, body.end + stride * dump.drivers.length);
  const drivers = body.add(driverEntries(dump.drivers, pool.offsets, wide, dump.family === 'C'));
  const strings = body.add(pool.bytes);
  return {
    mm,
    unloaded,
    prcb,
    process,
    thread,
    stack,
    debuggerData,
    drivers,
    strings,
    stringsSize: pool.bytes.length,
  };
}

interface BlockList {
  readonly blockArray: FileOffset;
  readonly blockCount: number;
  /** Each block reserves a multiple of 8 bytes; what packing saves is added at the end. */
  readonly padding: number;
}

function addBlocks(body: SectionBuffer, dump: TriageDump): BlockList {
  const { header } = dump;
  const blocks = blocksThatFit(dump, body.end);
  const blockArray = body.end;
  let offset = blockArray + blocks.length * blockEntrySize(dump);
  for (const { address, bytes } of blocks) {
    body.add(blockEntry(address, offset, bytes.length, header.wide));
    offset += bytes.length;
  }
  for (const { bytes } of blocks) body.add(bytes);
  const padding = blocks.reduce((sum, { bytes }) => sum + (-bytes.length & 7), 0);
  return { blockArray, blockCount: blocks.length, padding };
}

const blockEntrySize = ({ header }: TriageDump): number =>
  (header.wide ? TRIAGE_DATA_BLOCK64 : TRIAGE_DATA_BLOCK32).size;

function blocksThatFit(dump: TriageDump, bodyEnd: FileOffset): readonly DataBlock[] {
  const room = dump.family === 'A' ? familyASize - 4 - bodyEnd : Number.POSITIVE_INFINITY;
  return fitting(dump.blocks, blockEntrySize(dump), room);
}

function fitting(blocks: readonly DataBlock[], entrySize: number, room: number): readonly DataBlock[] {
  let used = 0;
  let count = 0;
  for (const { bytes } of blocks) {
    used += entrySize + bytes.length;
    if (used > room) break;
    count++;
  }
  return blocks.slice(0, count);
}

function blockEntry(address: Va, offset: FileOffset, size: number, wide: boolean): Uint8Array {
  return wide
    ? structBytes(TRIAGE_DATA_BLOCK64, { Address: address, Offset: offset, Size: size })
    : structBytes(TRIAGE_DATA_BLOCK32, {
        Address: Number(address & 0xffff_ffffn),
        Offset: offset,
        Size: size,
      });
}

/** Zero fill and the closing mark; returns SizeOfDump. */
function addEnd(body: SectionBuffer, { family }: TriageDump, padding: number): FileOffset {
  if (family === 'A') body.skipTo(familyASize - 4);
  else body.skipTo(body.end + padding);
  body.add(u32Bytes(validMark));
  if (family === 'C') {
    body.skipTo(alignUp(body.end + 4, familyCAlignment) - 4);
    body.add(u32Bytes(validMark));
  }
  return body.end;
}

type TriageOffsets = SectionOffsets & BlockList & { readonly sizeOfDump: FileOffset };

function triageBlock(dump: TriageDump, at: TriageOffsets): Uint8Array {
  const { header, family, stack, debuggerData, drivers } = dump;
  const values = {
    SizeOfDump: at.sizeOfDump,
    ValidOffset: at.sizeOfDump - 4,
    ContextOffset: header.wide ? 0x348 : 0x320,
    ExceptionOffset: header.wide ? 0xf00 : 0x7d0,
    MmOffset: at.mm,
    UnloadedDriversOffset: at.unloaded,
    PrcbOffset: at.prcb,
    ProcessOffset: at.process,
    ThreadOffset: at.thread,
    CallStackOffset: at.stack,
    SizeOfCallStack: stack.bytes.length,
    DriverListOffset: at.drivers,
    DriverCount: drivers.length,
    StringPoolOffset: at.strings,
    StringPoolSize: at.stringsSize,
    TriageOptions: triageOptions[family],
    DebuggerDataOffset: at.debuggerData,
    DebuggerDataSize: debuggerData.length,
    DataBlocksOffset: at.blockArray,
    DataBlocksCount: at.blockCount,
  };
  return header.wide
    ? structBytes(TRIAGE_DUMP64, { ...values, TopOfStack: stack.address })
    : structBytes(TRIAGE_DUMP32, { ...values, TopOfStack: Number(stack.address & 0xffff_ffffn) });
}
