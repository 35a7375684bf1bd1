import type { RegisterSet } from '../cpu/index.ts';
import type { StackRange } from '../unwind/index.ts';
import type { Processor, Target, Thread } from '../windows/index.ts';

/** Who stacks belong to. */
interface StackOwners {
  readonly target: Target;
  readonly thread: Thread | undefined;
  readonly crashedProcessor: Processor | undefined;
}

/** DPC stacks of x64 and arm64 kernels are six pages; more of the range than exists does no harm, words are just absent. */
const interruptStackSize = 0x6000n;

/** Stacks that the dump names: the thread's, the processor's own, and what a triage dump saved. */
export function knownStacks(system: StackOwners, registers: RegisterSet): StackRange[] {
  const stacks: StackRange[] = [];
  const { thread, crashedProcessor, target } = system;
  if (
    thread?.stackLimit !== undefined &&
    thread.stackBase !== undefined &&
    thread.stackLimit < thread.stackBase
  ) {
    stacks.push({ limit: thread.stackLimit, base: thread.stackBase });
  }
  for (const base of [crashedProcessor?.dpcStack, crashedProcessor?.isrStack]) {
    if (base !== undefined) stacks.push({ limit: base - interruptStackSize, base });
  }
  const saved = target.dump.triage?.stack;
  const { sp } = registers;
  const covered = sp !== undefined && stacks.some(({ limit, base }) => sp >= limit && sp < base);
  if (saved !== undefined && !covered) stacks.push({ limit: saved.va, base: saved.va + BigInt(saved.size) });
  return stacks;
}
