import { pageSize, type Va } from '../../base/index.ts';
import { Structure } from '../../types/index.ts';
import type { DebuggerData } from '../debugger-data.ts';
import type { ObjectKernel } from '../objects/index.ts';
import { physicalRuns } from './physical-runs.ts';
import { findVisibleState } from './visible-state.ts';

/** A counter of the memory manager. */
export interface MemoryCounter {
  readonly name: string;
  readonly pages: bigint;
  /** The variable that it was read from. */
  readonly from: string;
}

/** A page file. */
export interface PageFile {
  readonly name: string | undefined;
  /** All in pages. */
  readonly size: bigint | undefined;
  readonly free: bigint | undefined;
  readonly minimum: bigint | undefined;
  readonly maximum: bigint | undefined;
}

/** What the kernel counts of memory. */
export interface MemoryTotals {
  readonly counters: readonly MemoryCounter[];
  readonly pageFiles: readonly PageFile[];
  /** Names of counters that this dump does not tell. */
  readonly unknown: readonly string[];
}

/** The structures that they are read from. */
export const counterStructures = ['_MI_VISIBLE_STATE', '_MI_VISIBLE_PARTITION'] as const;

type VariableName = Parameters<DebuggerData['address']>[0];

/** Where a counter is: a variable that the debugger data block names, or a member of the newer structures. */
interface Source {
  readonly name: string;
  readonly variable?: VariableName;
  /** The variable counts bytes; otherwise pages. */
  readonly isBytes?: boolean;
  /** Bytes of the variable, where it is no pointer-sized number. */
  readonly size?: 4;
  /** Member of MI_VISIBLE_STATE. */
  readonly state?: string;
  /** Member of MI_VISIBLE_PARTITION. */
  readonly partition?: string;
}

/** In the order of the debugger's display. Source: names and meanings of wdbgexts.h; PDB types for the members. */
const sources: readonly Source[] = [
  { name: 'Physical Memory', variable: 'MmNumberOfPhysicalPages', partition: 'NumberOfPhysicalPages' },
  { name: 'Available Pages', variable: 'MmAvailablePages', partition: 'AvailablePages' },
  { name: 'ResAvail Pages', variable: 'MmResidentAvailablePages', partition: 'ResidentAvailablePages' },
  // The first member of an MMPFNLIST is its length.
  { name: 'Modified Pages', variable: 'MmModifiedPageListHead', partition: 'ModifiedPageListHead' },
  {
    name: 'Modified No Write Pages',
    variable: 'MmModifiedNoWritePageListHead',
    partition: 'ModifiedNoWritePageListHead',
  },
  { name: 'Zeroed Pages', variable: 'MmZeroedPageListHead' },
  { name: 'Free Pages', variable: 'MmFreePageListHead' },
  { name: 'NonPagedPool Usage', variable: 'MmAllocatedNonPagedPool' },
  {
    name: 'NonPagedPool Max',
    variable: 'MmMaximumNonPagedPoolInBytes',
    isBytes: true,
    state: 'MaximumNonPagedPoolInPages',
  },
  { name: 'PagedPool Usage', state: 'PagedPoolInfo.AllocatedPagedPool' },
  {
    name: 'PagedPool Maximum',
    variable: 'MmSizeOfPagedPoolInBytes',
    isBytes: true,
    state: 'SizeOfPagedPoolInPages',
  },
  { name: 'Shared Commit', variable: 'MmSharedCommit', partition: 'SharedCommit' },
  { name: 'Pages For MDLs', state: 'MdlPagesAllocated' },
  { name: 'ContigMem Pages', state: 'ContiguousPagesAllocated' },
  { name: 'NonPagedPool Commit', state: 'NonPagedPoolCommit' },
  { name: 'PagedPool Commit', variable: 'MmPagedPoolCommit' },
  { name: 'Driver Commit', variable: 'MmDriverCommit', size: 4, state: 'DriverCommit' },
  { name: 'Boot Commit', state: 'BootCommit' },
  { name: 'PFN Array Commit', state: 'PfnDatabaseCommit' },
  { name: 'SmallNonPagedPtesCommit', state: 'SmallNonPagedPtesCommit' },
  { name: 'SlabAllocatorPages', partition: 'SlabAllocatorPages' },
  { name: 'System PageTables', state: 'SystemPageTableCommit' },
  { name: 'ProcessLockedFilePages', partition: 'ProcessLockedFilePages' },
  { name: 'Pagefile Hash Pages', state: 'PagefileHashPages' },
  { name: 'Process Commit', variable: 'MmProcessCommit', state: 'ProcessCommit' },
  { name: 'Committed pages', variable: 'MmTotalCommittedPages', partition: 'TotalCommittedPages' },
  { name: 'Commit limit', variable: 'MmTotalCommitLimit', partition: 'TotalCommitLimit' },
  { name: 'Peak Commit', variable: 'MmPeakCommitment' },
];

/** What the dump tells about the use of memory; a counter that it does not tell is not in the list. */
export function readMemoryTotals(kernel: ObjectKernel): MemoryTotals {
  const state = findVisibleState(kernel)?.structure;
  const partition = systemPartition(kernel);
  const counters: MemoryCounter[] = [];
  const unknown: string[] = [];
  for (const source of sources) {
    const counter =
      byVariable(kernel, source) ?? byMember(source, state, partition) ?? otherwise(kernel, source);
    if (counter === undefined) unknown.push(source.name);
    else counters.push(counter);
  }
  return { counters, pageFiles: readPageFiles(kernel, partition), unknown };
}

function byVariable(
  kernel: ObjectKernel,
  { name, variable, isBytes, size }: Source,
): MemoryCounter | undefined {
  const { data, target } = kernel;
  const at = variable === undefined ? undefined : data?.value.address(variable);
  // Windows 10 left the name in the block and keeps something else there: see visible-state.ts.
  if (at === undefined || (variable === 'MmPagedPoolCommit' && !hasOldVariables(kernel))) return undefined;
  const value = size === 4 || target.pointerSize === 4 ? target.readU32(at) : target.readPointer(at);
  if (value === undefined) return undefined;
  const count = BigInt(value);
  return { name, pages: isBytes === true ? count / BigInt(pageSize) : count, from: `nt!${variable}` };
}

/** Before Windows 10 the counters were variables of their own. */
const hasOldVariables = ({ data }: ObjectKernel): boolean =>
  data?.value.address('MmTotalCommittedPages') !== undefined;

function byMember(
  { name, state: inState, partition: inPartition }: Source,
  state: Structure | undefined,
  partition: Structure | undefined,
): MemoryCounter | undefined {
  const ofState = inState === undefined ? undefined : countIn(state, inState);
  if (ofState !== undefined) return { name, pages: ofState, from: `nt!MiState.Vs.${inState}` };
  const ofPartition = inPartition === undefined ? undefined : countIn(partition, inPartition);
  return ofPartition === undefined
    ? undefined
    : { name, pages: ofPartition, from: `nt!MiSystemPartition.Vp.${inPartition}` };
}

/** A number, or the length of a list of pages. */
function countIn(structure: Structure | undefined, path: string): bigint | undefined {
  const at = structure?.address(path);
  if (structure === undefined || at === undefined) return undefined;
  if (structure.type.member(path)?.kind !== 'structure') return structure.bigint(path);
  const value =
    structure.type.pointerSize === 8 ? structure.memory.tryReadU64(at) : structure.memory.tryReadU32(at);
  return typeof value === 'object' ? undefined : BigInt(value);
}

/** How much memory there is, is told elsewhere too. */
function otherwise({ data, target, structures }: ObjectKernel, { name }: Source): MemoryCounter | undefined {
  if (name !== 'Physical Memory') return undefined;
  const variable = data?.value.address('MmPhysicalMemoryBlock');
  const block = variable === undefined ? undefined : target.readPointer(variable);
  const isKnown =
    block !== undefined && block !== 0n && structures.find('_PHYSICAL_MEMORY_DESCRIPTOR') !== undefined;
  const pages = isKnown
    ? structures.at('_PHYSICAL_MEMORY_DESCRIPTOR', block).bigint('NumberOfPages')
    : undefined;
  if (pages !== undefined) return { name, pages, from: 'nt!MmPhysicalMemoryBlock' };
  const header = physicalRuns(target)?.pages;
  return header === undefined ? undefined : { name, pages: header, from: 'the header of the dump' };
}

/** nt!MiSystemPartition.Vp: only symbols tell where it is. */
function systemPartition({ symbols, structures, target }: ObjectKernel): Structure | undefined {
  const at = symbols.findAddress('nt!MiSystemPartition');
  const offset = structures.offset('_MI_PARTITION', 'Vp');
  const type = structures.find('_MI_VISIBLE_PARTITION');
  if (at === undefined || offset === undefined || type === undefined) return undefined;
  return new Structure(type, target.memory, at + BigInt(offset));
}

const mostPageFiles = 16;

function readPageFiles({ structures }: ObjectKernel, partition: Structure | undefined): PageFile[] {
  const count = partition?.number('NumberOfPagingFiles') ?? 0;
  if (partition === undefined || structures.find('_MMPAGING_FILE') === undefined) return [];
  return Array.from({ length: Math.min(count, mostPageFiles) }, (_, index) =>
    partition.pointer(`PagingFile[${index}]`),
  ).flatMap((at: Va | undefined): PageFile[] => {
    if (at === undefined || at === 0n) return [];
    const file = structures.at('_MMPAGING_FILE', at);
    return [
      {
        name: file.unicodeString('PageFileName'),
        size: file.bigint('Size'),
        free: file.bigint('FreeSpace'),
        minimum: file.bigint('MinimumSize'),
        maximum: file.bigint('MaximumSize'),
      },
    ];
  });
}
