export { joinPieces, type Piece } from './bytes/piece.ts';
export type { Blob, BlobFile } from './dump/blobs.ts';
export { type DumpHeaderFields, dumpHeader, filler } from './dump/header.ts';
export {
  bitmapDump,
  fullDump,
  type HeaderFacts,
  headerDump,
  type PageDump,
  rangeDump,
  summaryDump,
} from './dump/page-dumps.ts';
export { type DataBlock, type TriageDump, type TriageFamily, triageDump } from './dump/triage.ts';
export { buildMachine } from './machine/build-machine.ts';
export type { Machine, MachineOptions, SpecialPages } from './machine/machine.ts';
export type { CrashKind } from './machine/platform.ts';
export type { MachineTruth, Registers, TrueFrame, TrueModule } from './machine/truth.ts';
export { PageTables } from './memory/page-tables.ts';
export { AddressSpace, Region } from './memory/address-space.ts';
export { arm64Paging, la57Paging, type MapOptions, paePaging, type PagingFormat, x64Paging, x86Paging } from './memory/paging-format.ts';
export { PhysicalMemory } from './memory/physical-memory.ts';
export type { PageRun, PageSource } from './memory/page-source.ts';
export * from './memory/software-pte.ts';
export { type DumpKind, type DumpOptions, dumpBytes, writeDump } from './write-dump.ts';
