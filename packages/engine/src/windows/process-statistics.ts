import { pageSize, type Va } from '../base/index.ts';
import type { Kernel } from './kernel.ts';
import { type KernelClock, readKernelClock } from './kernel-clock.ts';
import { MemberReader } from './member-reader.ts';

/** Times, sizes and priorities of a process. Undefined: not known in this build, or (in `missing`) not in the dump. */
export interface ProcessStatistics {
  readonly vadRoot: Va | undefined;
  readonly vads: bigint | undefined;
  readonly clone: Va | undefined;
  /** Pages. */
  readonly privatePages: bigint | undefined;
  readonly modifiedPages: bigint | undefined;
  readonly lockedPages: bigint | undefined;
  readonly deviceMap: Va | undefined;
  readonly token: Va | undefined;
  /** Hundreds of nanoseconds from its creation to the crash. */
  readonly elapsed: bigint | undefined;
  /** FILETIME; undefined while it runs. */
  readonly exitTime: bigint | undefined;
  /** Clock ticks. */
  readonly userTicks: number | undefined;
  readonly kernelTicks: number | undefined;
  readonly clock: KernelClock;
  /** Bytes. */
  readonly pagedQuota: bigint | undefined;
  readonly nonPagedQuota: bigint | undefined;
  /** Pages. */
  readonly workingSet: { readonly now: bigint; readonly min: bigint; readonly max: bigint } | undefined;
  readonly peakWorkingSet: bigint | undefined;
  /** Bytes. */
  readonly virtualSize: bigint | undefined;
  readonly peakVirtualSize: bigint | undefined;
  readonly pageFaults: number | undefined;
  readonly memoryPriority: number | undefined;
  readonly basePriority: number | undefined;
  /** Pages. */
  readonly commitCharge: bigint | undefined;
  readonly job: Va | undefined;
  readonly missing: readonly string[];
}

/** The structures that they are read from. */
export const processStatisticsStructures = ['_EPROCESS', '_KPROCESS'] as const;

/** A working set's counters are members of EPROCESS.Vm, since Windows 10 of a structure in it. */
const vm = (member: string): [string, string] => [`Vm.Instance.${member}`, `Vm.${member}`];

/** Reads what the layouts of this build tell. */
export function readProcessStatistics(kernel: Kernel, address: Va): ProcessStatistics {
  const missing: string[] = [];
  const { structures } = kernel;
  const process = new MemberReader(structures.at('_EPROCESS', address), missing);
  const inner =
    structures.find('_KPROCESS') === undefined
      ? undefined
      : new MemberReader(structures.at('_KPROCESS', address), missing);
  const clock = readKernelClock(kernel);
  const created = process.large('elapsed', 'CreateTime');
  const exitTime = process.large('exitTime', 'ExitTime');
  return {
    vadRoot: process.pointer('vadRoot', 'VadRoot.Root', 'VadRoot.BalancedRoot.RightChild', 'VadRoot'),
    vads: process.bigint('vads', 'VadCount', 'VadRoot.NumberGenericTableElements'),
    clone: process.pointer('clone', 'CloneRoot.Root', 'CloneRoot'),
    privatePages: process.bigint('privatePages', 'NumberOfPrivatePages'),
    modifiedPages: process.bigint('modifiedPages', 'ModifiedPageCount'),
    lockedPages: process.bigint('lockedPages', 'NumberOfLockedPages'),
    deviceMap: process.pointer('deviceMap', 'DeviceMap'),
    token: tokenOf(process),
    elapsed: span(created, exitTime === 0n ? clock.now : (exitTime ?? clock.now)),
    exitTime: exitTime === 0n ? undefined : exitTime,
    userTicks: inner?.number('userTicks', 'UserTime'),
    kernelTicks: inner?.number('kernelTicks', 'KernelTime'),
    clock,
    ...memoryOf(process),
    basePriority: inner?.number('basePriority', 'BasePriority'),
    job: process.pointer('job', 'Job'),
    missing,
  };
}

function memoryOf(process: MemberReader) {
  // Since Windows 8.1 the size counts page tables too, the peak does not.
  const now = process.bigint('workingSet', ...vm('WorkingSetLeafSize'), ...vm('WorkingSetSize'));
  const min = process.bigint('workingSet', ...vm('MinimumWorkingSetSize'));
  const max = process.bigint('workingSet', ...vm('MaximumWorkingSetSize'));
  const isWhole = now !== undefined && min !== undefined && max !== undefined;
  return {
    // Index 0 is nonpaged pool, 1 paged pool.
    pagedQuota: process.bigint('pagedQuota', 'ProcessQuotaUsage[1]'),
    nonPagedQuota: process.bigint('nonPagedQuota', 'ProcessQuotaUsage[0]'),
    workingSet: isWhole ? { now, min, max } : undefined,
    peakWorkingSet: process.bigint('peakWorkingSet', ...vm('PeakWorkingSetSize')),
    virtualSize: process.bigint('virtualSize', 'VirtualSize'),
    peakVirtualSize: process.bigint('peakVirtualSize', 'PeakVirtualSize'),
    pageFaults: process.number('pageFaults', ...vm('PageFaultCount')),
    memoryPriority: process.number('memoryPriority', ...vm('Flags.MemoryPriority')),
    commitCharge: process.bigint('commitCharge', 'CommitCharge'),
  };
}

/** An EX_FAST_REF keeps a reference count in the pointer's low bits: 4 of them, 3 on 32-bit machines. */
function tokenOf(process: MemberReader): Va | undefined {
  const value = process.pointer('token', 'Token.Value', 'Token');
  const mask = process.structure.type.pointerSize === 8 ? 0xfn : 7n;
  return value === undefined ? undefined : value & ~mask;
}

/** Undefined when the end is before the beginning. */
const span = (from: bigint | undefined, to: bigint | undefined): bigint | undefined =>
  from === undefined || to === undefined || from === 0n || to < from ? undefined : to - from;

/** Pages in kilobytes. */
export const kilobytes = (pages: bigint): bigint => (pages * BigInt(pageSize)) / 1024n;
