// A machine that has crashed, and its dumps. Fleets of machines have a door of their own: fleet/index.ts; pages that play
// scenarios load less through page.ts.

import { useSegmentHeaps } from './segment-heaps.ts';

useSegmentHeaps();

export { part1, part2, part3 } from './article/index.ts';

// Files of any kind out of any pages, for tests that need odd ones.
export { joinPieces, type Piece } from './bytes/piece.ts';
export { demoMachine } from './demo-machine.ts';
// Machines whose code runs, drivers for them, and stories that end in a bug check.
export * from './driver-verifier/index.ts';
// Driver Verifier and special pool of machines that run.
export { type VerifierSettings, verifierCommand, verifierOff } from './driver-verifier/index.ts';
export * from './drivers/index.ts';
export type { Blob, BlobFile } from './dump/blobs.ts';
export { type DumpHeaderFields, dumpHeader, filler } from './dump/header.ts';
export {
  bitmapDump,
  fullDump,
  type HeaderFacts,
  headerDump,
  type PageDump,
  type RangeDumpType,
  rangeDump,
  summaryDump,
} from './dump/page-dumps.ts';
export { type DataBlock, type TriageDump, type TriageFamily, triageDump } from './dump/triage.ts';
export { type DumpContents, dumpContents } from './dump-contents.ts';
// Images.
/** Instructions of arm64, one function each, to put code together. */
export * as arm64Code from './image/arm64-code.ts';
export { type Arm64Step, arm64Function, arm64Leaf, arm64TrapHandler } from './image/arm64-function.ts';
export { buildImage } from './image/build-image.ts';
export type { BuiltImage, PlacedFunction } from './image/built-image.ts';
export { hexBytes, type Instruction, mark, raw } from './image/code.ts';
export type {
  Architecture,
  CodePoint,
  CodeRange,
  DataSpec,
  FunctionSource,
  FunctionSpec,
  ImageSpec,
  InlineSpec,
  LineSpec,
  MovedCode,
} from './image/image-spec.ts';
/** Instructions of x64, one function each, to put code together. */
export * as x64Code from './image/x64-code.ts';
export { x64Function } from './image/x64-function.ts';
export {
  allocated,
  frameAt,
  machineFrame,
  type PrologStep,
  pushed,
  pushedAll,
  saved,
  savedXmm,
  unwindInfo,
} from './image/x64-prolog.ts';
/** Instructions of x86, one function each, to put code together. */
export * as x86Code from './image/x86-code.ts';
export { type X86Step, x86Function, x86Leaf, x86TrapHandler } from './image/x86-function.ts';
export { type LargeDump, type LargeDumpOptions, syntheticLargeDump } from './large-dump.ts';
export { buildMachine } from './machine/build-machine.ts';
export type { KernelWorld } from './machine/kernel-world.ts';
export type { LargePage, Machine, MachineOptions, PrepareSite, SpecialPages } from './machine/machine.ts';
export { plantVerifier, type VerifierTruth } from './machine/planted-verifier.ts';
export type { CrashKind } from './machine/platform.ts';
export type {
  ScenarioBlock,
  ScenarioDamage,
  ScenarioKind,
  ScenarioTruth,
  ScenarioVictim,
} from './machine/scenario-truth.ts';
export type {
  FaultTruth,
  MachineTruth,
  Registers,
  TrueFrame,
  TrueModule,
  TrueProcess,
  TrueProcessor,
  TrueThread,
} from './machine/truth.ts';
// Physical and virtual memory.
export { AddressSpace, Region } from './memory/address-space.ts';
export type { PageRun, PageSource } from './memory/page-source.ts';
export { PageTables } from './memory/page-tables.ts';
export {
  arm64Paging,
  la57Paging,
  type MapOptions,
  type PagingFormat,
  paePaging,
  x64Paging,
  x86Paging,
} from './memory/paging-format.ts';
export { PhysicalMemory } from './memory/physical-memory.ts';
export * from './memory/software-pte.ts';
// Program databases of images.
export { imagePdb, type PdbOptions } from './pdb/image-pdb.ts';
export {
  type PdbFile,
  pdbFiles,
  type StoredFile,
  storedImage,
  storedPath,
  symbolStore,
} from './pdb/machine-pdbs.ts';
export type { StructureSource } from './pdb/structure-types.ts';
// Kernel pool.
export * from './pool/index.ts';
export * from './run/index.ts';
export {
  type Difficulty,
  heapScenarios,
  type Knowable,
  knowableFrom,
  type PlayOptions,
  playableBuilds,
  playScenario,
  type Scenario,
  scenarios,
  suitsBuild,
  usualBuild,
} from './scenarios/index.ts';
export * from './special-pool/index.ts';
export { poolTagValue, type SpecialPoolValues } from './special-pool/index.ts';
export { type DumpKind, type DumpOptions, dumpBytes, kernelFamily, writeDump } from './write-dump.ts';
