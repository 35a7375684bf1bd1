import type { Va } from '../base/index.ts';
import type { Kernel } from './kernel.ts';
import { MemberReader } from './member-reader.ts';
import { readProcessorRegion, threadsOf } from './processor-region.ts';
import type { Processor } from './processors.ts';

/** A processor's control block (KPRCB): threads, counters, times. */
export interface ProcessorBlock {
  readonly processor: number | undefined;
  readonly address: Va;
  /** Level at which the processor ran when the dump was written: mostly that of the bug check itself. */
  readonly irql: number | undefined;
  readonly currentThread: Va | undefined;
  readonly nextThread: Va | undefined;
  readonly idleThread: Va | undefined;
  readonly group: number | undefined;
  readonly groupIndex: number | undefined;
  readonly groupSetMember: bigint | undefined;
  readonly interruptCount: number | undefined;
  /** Clock ticks. */
  readonly dpcTime: number | undefined;
  readonly interruptTime: number | undefined;
  readonly kernelTime: number | undefined;
  readonly userTime: number | undefined;
  readonly dpcRoutineActive: boolean | undefined;
  readonly dpcQueues: readonly DpcQueue[];
  readonly missing: readonly string[];
}

/** One of a processor's two queues of deferred procedure calls. */
export interface DpcQueue {
  readonly depth: number;
  /** Calls queued since the machine started. */
  readonly count: number;
}

/** The structures that it is read from. */
export const processorStructures = ['_KPRCB'] as const;

/** The KPRCB of a processor. What the dump lacks is undefined, and `missing` says why. */
export function readProcessorBlock(kernel: Kernel, processor: Processor): ProcessorBlock {
  const { structures } = kernel;
  const missing: string[] = [];
  const read = new MemberReader(structures.at('_KPRCB', processor.prcb), missing);
  return {
    processor: processor.number?.value,
    address: processor.prcb,
    irql: readProcessorRegion(kernel, processor)?.irql,
    ...threadsOf(kernel, processor, missing),
    group: read.number('group', 'Group'),
    groupIndex: read.number('groupIndex', 'GroupIndex'),
    groupSetMember: read.bigint('groupSetMember', 'GroupSetMember'),
    interruptCount: read.number('interruptCount', 'InterruptCount'),
    dpcTime: read.number('dpcTime', 'DpcTime'),
    interruptTime: read.number('interruptTime', 'InterruptTime'),
    kernelTime: read.number('kernelTime', 'KernelTime'),
    userTime: read.number('userTime', 'UserTime'),
    dpcRoutineActive: read.flag('dpcRoutineActive', 'DpcRoutineActive'),
    dpcQueues: [0, 1].flatMap((index): DpcQueue[] => {
      const depth = read.number('dpcQueues', `DpcData[${index}].DpcQueueDepth`);
      const count = read.number('dpcQueues', `DpcData[${index}].DpcCount`);
      return depth === undefined || count === undefined ? [] : [{ depth, count }];
    }),
    missing,
  };
}

/** The lock queue entries that the debugger shows: held by this processor, waited for, or free. */
const shownQueues = 16;
const waits = 1n;
const holds = 2n;

/** `O` for each of the processor's queued spin locks that it holds, `W` where it waits; undefined when not known. */
export function readLockQueue({ structures }: Kernel, { prcb }: Processor): string | undefined {
  if (structures.offset('_KPRCB', 'LockQueue') === undefined) return undefined;
  const block = structures.at('_KPRCB', prcb);
  let text = '';
  for (let index = 0; index < shownQueues; index++) {
    const lock = block.pointer(`LockQueue[${index}].Lock`);
    if (lock === undefined) return undefined;
    text += (lock & holds) !== 0n ? 'O' : (lock & waits) !== 0n ? 'W' : '.';
  }
  return text;
}
