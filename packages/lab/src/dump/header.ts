import { assert, type Va } from '@poolscope/engine/base';
import {
  DUMP_HEADER32,
  DUMP_HEADER64,
  PHYSICAL_MEMORY_DESCRIPTOR32,
  PHYSICAL_MEMORY_DESCRIPTOR64,
  PHYSICAL_MEMORY_RUN32,
  PHYSICAL_MEMORY_RUN64,
} from '@poolscope/engine/layouts';
import { asciiBytes, fourCc, writeU32 } from '../bytes/integers.ts';
import { StructWriter } from '../bytes/struct-writer.ts';
import { countPages, type PageRun } from '../memory/page-source.ts';

/** Bytes that nobody wrote hold this text: so "not written" can be told from zero. */
export const filler = fourCc('PAGE');

/** Fields of a dump header. An absent one keeps the filler. */
export interface DumpHeaderFields {
  /** 64-bit header (PAGEDU64), or the one of 32-bit systems (PAGEDUMP). */
  readonly wide: boolean;
  readonly dumpType: number;
  readonly majorVersion: number;
  readonly minorVersion: number;
  readonly directoryTableBase: number;
  /** Address of nt!MmPfnDatabase, or the database itself where the kernel wrote the file. */
  readonly pfnDatabase: Va;
  readonly psLoadedModuleList: Va;
  readonly psActiveProcessHead: Va;
  readonly machineImageType: number;
  readonly numberProcessors: number;
  readonly bugCheckCode: number;
  readonly bugCheckParameters: readonly Va[];
  readonly kdDebuggerDataBlock: Va;
  readonly context?: Uint8Array | undefined;
  readonly exception?: Uint8Array | undefined;
  readonly runs?: readonly PageRun[] | undefined;
  readonly requiredDumpSpace: number;
  /** FILETIME, UTC. */
  readonly systemTime: bigint;
  /** In 100 ns. */
  readonly systemUpTime: bigint;
  readonly productType?: number | undefined;
  readonly suiteMask?: number | undefined;
  readonly miniDumpFields?: number | undefined;
  readonly writerStatus?: number | undefined;
  readonly secondaryDataState?: number | undefined;
  readonly kdSecondaryVersion?: number | undefined;
  readonly attributes?: number | undefined;
  readonly bootId?: number | undefined;
  readonly comment?: string | undefined;
  readonly versionUser?: string | undefined;
  /** Only in 32-bit headers. */
  readonly paeEnabled?: boolean | undefined;
}

export const headerSize = (wide: boolean): number => (wide ? DUMP_HEADER64.size : DUMP_HEADER32.size);

/** Most runs that fit into the 700 bytes of PhysicalMemoryBlock: 42, or 86 in a 32-bit header. */
export const maximumRuns = (wide: boolean): number =>
  wide
    ? Math.floor((700 - PHYSICAL_MEMORY_DESCRIPTOR64.size) / PHYSICAL_MEMORY_RUN64.size)
    : Math.floor((700 - PHYSICAL_MEMORY_DESCRIPTOR32.size) / PHYSICAL_MEMORY_RUN32.size);

/** The header of a dump: one page for x86, two for 64 bits. */
export const dumpHeader = (fields: DumpHeaderFields): Uint8Array =>
  fields.wide ? dumpHeader64(fields) : dumpHeader32(fields);

function fillWithPage(bytes: Uint8Array): Uint8Array {
  for (let at = 0; at < bytes.length; at += 4) writeU32(bytes, at, filler);
  return bytes;
}

/** Fields that both headers name alike and store as the same kind. */
const sharedFields = (fields: DumpHeaderFields) => ({
  Signature: fourCc('PAGE'),
  MajorVersion: fields.majorVersion,
  MinorVersion: fields.minorVersion,
  MachineImageType: fields.machineImageType,
  NumberProcessors: fields.numberProcessors,
  BugCheckCode: fields.bugCheckCode,
  DumpType: fields.dumpType,
  RequiredDumpSpace: BigInt(fields.requiredDumpSpace),
  SystemTime: fields.systemTime,
  SystemUpTime: fields.systemUpTime,
  ProductType: fields.productType,
  SuiteMask: fields.suiteMask,
  MiniDumpFields: fields.miniDumpFields,
  WriterStatus: fields.writerStatus,
  SecondaryDataState: fields.secondaryDataState,
  KdSecondaryVersion: fields.kdSecondaryVersion,
  Attributes: fields.attributes,
  BootId: fields.bootId,
  Comment: text(fields.comment),
  VersionUser: text(fields.versionUser),
  ContextRecord: fields.context,
  Exception: fields.exception,
});

function dumpHeader64(fields: DumpHeaderFields): Uint8Array {
  const writer = new StructWriter(DUMP_HEADER64, fillWithPage(new Uint8Array(DUMP_HEADER64.size)));
  writer.setAll({
    ...defined(sharedFields(fields)),
    ValidDump: fourCc('DU64'),
    DirectoryTableBase: BigInt(fields.directoryTableBase),
    PfnDataBase: fields.pfnDatabase,
    PsLoadedModuleList: fields.psLoadedModuleList,
    PsActiveProcessHead: fields.psActiveProcessHead,
    KdDebuggerDataBlock: fields.kdDebuggerDataBlock,
  });
  for (const [index, value] of fields.bugCheckParameters.entries())
    writer.set('BugCheckParameters', value, index);
  if (fields.runs !== undefined) writer.set('PhysicalMemoryBlock', runList64(fields.runs));
  return writer.bytes;
}

function dumpHeader32(fields: DumpHeaderFields): Uint8Array {
  const writer = new StructWriter(DUMP_HEADER32, fillWithPage(new Uint8Array(DUMP_HEADER32.size)));
  writer.setAll({
    ...defined(sharedFields(fields)),
    ValidDump: fourCc('DUMP'),
    DirectoryTableBase: fields.directoryTableBase,
    PfnDataBase: low32(fields.pfnDatabase),
    PsLoadedModuleList: low32(fields.psLoadedModuleList),
    PsActiveProcessHead: low32(fields.psActiveProcessHead),
    KdDebuggerDataBlock: low32(fields.kdDebuggerDataBlock),
    PaeEnabled: fields.paeEnabled ? 1 : 0,
  });
  for (const [index, value] of fields.bugCheckParameters.entries())
    writer.set('BugCheckParameters', low32(value), index);
  if (fields.runs !== undefined) writer.set('PhysicalMemoryBlock', runList32(fields.runs));
  return writer.bytes;
}

const low32 = (va: Va): number => Number(va & 0xffff_ffffn);

const text = (value: string | undefined): Uint8Array | undefined =>
  value === undefined ? undefined : asciiBytes(value, true);

/** Without the absent fields: those keep the filler. */
function defined<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}

function runList64(runs: readonly PageRun[]): Uint8Array {
  assert(
    runs.length <= maximumRuns(true),
    `a 64-bit header holds ${maximumRuns(true)} runs, not ${runs.length}`,
  );
  const { size } = PHYSICAL_MEMORY_DESCRIPTOR64;
  const bytes = new Uint8Array(size + runs.length * PHYSICAL_MEMORY_RUN64.size);
  new StructWriter(PHYSICAL_MEMORY_DESCRIPTOR64, bytes).setAll({
    NumberOfRuns: runs.length,
    NumberOfPages: BigInt(countPages(runs)),
  });
  for (const [index, { basePage, pageCount }] of runs.entries())
    new StructWriter(PHYSICAL_MEMORY_RUN64, bytes, size + index * PHYSICAL_MEMORY_RUN64.size).setAll({
      BasePage: BigInt(basePage),
      PageCount: BigInt(pageCount),
    });
  return bytes;
}

function runList32(runs: readonly PageRun[]): Uint8Array {
  assert(
    runs.length <= maximumRuns(false),
    `a 32-bit header holds ${maximumRuns(false)} runs, not ${runs.length}`,
  );
  const { size } = PHYSICAL_MEMORY_DESCRIPTOR32;
  const bytes = new Uint8Array(size + runs.length * PHYSICAL_MEMORY_RUN32.size);
  new StructWriter(PHYSICAL_MEMORY_DESCRIPTOR32, bytes).setAll({
    NumberOfRuns: runs.length,
    NumberOfPages: countPages(runs),
  });
  for (const [index, { basePage, pageCount }] of runs.entries())
    new StructWriter(PHYSICAL_MEMORY_RUN32, bytes, size + index * PHYSICAL_MEMORY_RUN32.size).setAll({
      BasePage: basePage,
      PageCount: pageCount,
    });
  return bytes;
}
