import type { Va } from '../base/index.ts';
import type { RegisterSet } from '../cpu/index.ts';
import type { StackRange } from '../unwind/index.ts';
import {
  type DebuggerData,
  type Processor,
  readThread,
  type Sourced,
  type Target,
  type Thread,
} from '../windows/index.ts';

/** Who stacks belong to. */
interface StackOwners {
  readonly target: Target;
  readonly data: Sourced<DebuggerData> | undefined;
  readonly thread: Thread | undefined;
  readonly crashedProcessor: Processor | undefined;
  readonly processors: readonly Processor[];
}

/** DPC stacks of x64 and arm64 kernels are six pages; more of the range than exists does no harm, words are just absent. */
const interruptStackSize = 0x6000n;

/**
 * Stacks that the dump names: the crashed thread's, its processor's own, and what a triage dump saved. Where the stack
 * pointer is on none of them, the stacks of the other processors and of `thread`, if it is on one of those.
 */
export function knownStacks(system: StackOwners, registers: RegisterSet, thread?: Va): StackRange[] {
  const { sp } = registers;
  const holdsSp = ({ limit, base }: StackRange): boolean => sp !== undefined && sp >= limit && sp < base;
  const stacks = [...threadStack(system.thread), ...processorStacks(system.crashedProcessor)];
  if (!stacks.some(holdsSp)) stacks.push(...otherStacks(system, thread, holdsSp));
  const saved = system.target.dump.triage?.stack;
  if (saved !== undefined && !stacks.some(holdsSp))
    stacks.push({ limit: saved.va, base: saved.va + BigInt(saved.size) });
  return stacks;
}

function threadStack(thread: Thread | undefined): StackRange[] {
  const { stackLimit: limit, stackBase: base } = thread ?? {};
  return limit !== undefined && base !== undefined && limit < base ? [{ limit, base }] : [];
}

function processorStacks(processor: Processor | undefined): StackRange[] {
  return [processor?.dpcStack, processor?.isrStack]
    .filter((base) => base !== undefined)
    .map((base) => ({ limit: base - interruptStackSize, base }));
}

/** All stacks of the processor, or the one of the thread, that the stack pointer is on. */
function otherStacks(
  { target, data, processors }: StackOwners,
  thread: Va | undefined,
  holdsSp: (stack: StackRange) => boolean,
): StackRange[] {
  const of = (address: Va | undefined): StackRange[] =>
    address === undefined || data === undefined ? [] : threadStack(readThread(target, data.value, address));
  for (const processor of processors) {
    const stacks = [...of(processor.currentThread), ...processorStacks(processor)];
    if (stacks.some(holdsSp)) return stacks;
  }
  return of(thread).filter(holdsSp);
}
