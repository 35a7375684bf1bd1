import type { Va } from '@poolscope/engine/base';

/**
 * In the middle of what a thread waits.
 * - `worker`: a thread of the kernel that waits for work
 * - `single`, `multiple`: a system call that waits for one object, or for several
 * - `delay`: a system call that waits for time to pass
 */
export type WaitKind = 'worker' | 'single' | 'multiple' | 'delay';

/** DISPATCHER_HEADER.Type of what is waited for. */
export type WaitedKind =
  | 'notification-event'
  | 'synchronization-event'
  | 'mutant'
  | 'queue'
  | 'semaphore'
  | 'timer';

/** What a process has used and holds: sizes in pages or bytes, times in clock ticks. */
export interface ProcessFigures {
  readonly handles: number;
  /** The handle table counts in one list only. */
  readonly strictOrder: boolean;
  readonly userTicks: number;
  readonly kernelTicks: number;
  readonly basePriority: number;
  readonly vads: number;
  readonly privatePages: number;
  readonly modifiedPages: number;
  readonly lockedPages: number;
  readonly pagedQuota: number;
  readonly nonPagedQuota: number;
  /** Now, at least, at most. */
  readonly workingSet: readonly [number, number, number];
  readonly peakWorkingSet: number;
  readonly virtualSize: bigint;
  readonly peakVirtualSize: bigint;
  readonly pageFaults: number;
  readonly memoryPriority: number;
  readonly commitCharge: number;
}

/** Times and priorities of a thread, for KTHREAD and ETHREAD. */
export interface ThreadFigures {
  readonly priority: number;
  readonly basePriority: number;
  readonly contextSwitches: number;
  readonly userTicks: number;
  readonly kernelTicks: number;
  /** Clock tick at which it began to wait. */
  readonly waitTime: number;
  readonly idealProcessor: number;
  readonly ioPriority: number;
  readonly pagePriority: number;
  readonly win32StartAddress: Va;
}

/** Figures of a processor, for KPCR and KPRCB. */
export interface ProcessorFigures {
  /** Level before the bug check. */
  readonly savedIrql: number;
  readonly interruptCount: number;
  readonly dpcTicks: number;
  readonly interruptTicks: number;
  readonly kernelTicks: number;
  readonly userTicks: number;
  readonly model: number;
  readonly stepping: number;
  readonly features: bigint;
  readonly updateSignature: bigint;
  readonly idt: Va;
  readonly gdt: Va;
  readonly tss: Va;
  readonly dpcCount: number;
}
