import { readU32, type Va } from '../base/index.ts';
import type { RegisterSet } from '../cpu/index.ts';
import type { DebuggerData } from './debugger-data.ts';
import { readContext } from './records.ts';
import { type Sourced, sourced, type Target } from './target.ts';
import { readThread, type Thread } from './thread.ts';

/** One processor's control block and what it points to. Absent values are not in the dump. */
export interface Processor {
  /** Absent when neither nt!KiProcessorBlock nor the PRCB tells. */
  readonly number: Sourced<number> | undefined;
  readonly prcb: Va;
  readonly currentThread: Va | undefined;
  readonly idleThread: Va | undefined;
  /** Context saved for the debugger when the machine stopped. */
  readonly context: Sourced<RegisterSet> | undefined;
  /** Stack that deferred procedure calls run on: its base, exclusive. */
  readonly dpcStack: Va | undefined;
  readonly isrStack: Va | undefined;
}

const maxProcessors = 2048;

/** All processors that the dump can name, in their order; triage dumps often hold only the crashing one. */
export function readProcessors(target: Target, data: DebuggerData | undefined): Processor[] {
  if (data === undefined) return [];
  const table = data.address('KiProcessorBlock');
  const count = Math.min(target.dump.header.processors ?? 0, maxProcessors);
  const processors: Processor[] = [];
  for (let number = 0; number < count && table !== undefined; number++) {
    const prcb = target.readPointer(table + BigInt(number * target.pointerSize));
    if (prcb === undefined || prcb === 0n) continue;
    processors.push(readProcessor(target, data, prcb, sourced(number, 'index in nt!KiProcessorBlock')));
  }
  const saved = target.dump.blocks.find((block) => block.kind === 'prcb');
  if (saved !== undefined && !processors.some(({ prcb }) => prcb === saved.va)) {
    processors.push(readProcessor(target, data, saved.va, numberOf(target, data, saved.va)));
  }
  return processors.sort((a, b) => (a.number?.value ?? 0) - (b.number?.value ?? 0));
}

function readProcessor(
  target: Target,
  data: DebuggerData,
  prcb: Va,
  number: Sourced<number> | undefined,
): Processor {
  const pointer = (name: Parameters<DebuggerData['offset']>[0]): Va | undefined => {
    const offset = data.offset(name);
    const value = offset === undefined ? undefined : target.readPointer(prcb + BigInt(offset));
    return value === 0n ? undefined : value;
  };
  return {
    number,
    prcb,
    currentThread: pointer('OffsetPrcbCurrentThread'),
    idleThread: pointer('OffsetPrcbIdleThread'),
    context: readProcessorContext(target, data, prcb),
    dpcStack: pointer('OffsetPrcbDpcStack'),
    isrStack: pointer('OffsetPrcbIsrStack'),
  };
}

/** The CONTEXT that the PRCB points to, or the one inside it. */
function readProcessorContext(
  target: Target,
  data: DebuggerData,
  prcb: Va,
): Sourced<RegisterSet> | undefined {
  const byPointer = data.offset('OffsetPrcbContext');
  const pointed = byPointer === undefined ? undefined : target.readPointer(prcb + BigInt(byPointer));
  if (pointed !== undefined && pointed !== 0n) {
    const registers = readContext(target, pointed);
    if (registers?.ip !== undefined && registers.ip !== 0n) return sourced(registers, 'PRCB.Context');
  }
  const inline = data.offset('OffsetPrcbProcStateContext');
  const registers = inline === undefined ? undefined : readContext(target, prcb + BigInt(inline));
  return registers?.ip !== undefined && registers.ip !== 0n
    ? sourced(registers, 'PRCB.ProcessorState')
    : undefined;
}

/** KPRCB.Number: a byte on old kernels, 4 bytes on newer ones; a plausible one fits the processor count. */
function numberOf(target: Target, data: DebuggerData, prcb: Va): Sourced<number> | undefined {
  const offset = data.offset('OffsetPrcbNumber');
  const bytes = offset === undefined ? undefined : target.readBytes(prcb + BigInt(offset), 4);
  if (bytes === undefined) return undefined;
  const wide = readU32(bytes, 0);
  return sourced(wide < maxProcessors ? wide : bytes[0]!, 'KPRCB.Number');
}

/**
 * The processor that crashed: the one whose context is the dump header's; else (the header may hold the context of the
 * exception instead) the one on whose current thread's stack the header's stack pointer lies.
 */
export function findCrashedProcessor(
  target: Target,
  data: DebuggerData | undefined,
  processors: readonly Processor[],
  header: RegisterSet | undefined,
): Processor | undefined {
  const saved = target.dump.blocks.find((block) => block.kind === 'prcb');
  if (saved !== undefined) return processors.find(({ prcb }) => prcb === saved.va);
  const same = ({ context }: Processor) =>
    header !== undefined && context?.value.ip === header.ip && context?.value.sp === header.sp;
  const around = ({ currentThread }: Processor) =>
    data !== undefined &&
    currentThread !== undefined &&
    isOnStack(readThread(target, data, currentThread), header?.sp);
  return (
    only(processors.filter(same)) ??
    only(processors.filter(around)) ??
    (target.dump.header.processors === 1 ? only(processors) : undefined)
  );
}

const only = (found: readonly Processor[]): Processor | undefined =>
  found.length === 1 ? found[0] : undefined;

const isOnStack = ({ stackLimit, stackBase }: Thread, sp: Va | undefined): boolean =>
  sp !== undefined &&
  stackLimit !== undefined &&
  stackBase !== undefined &&
  sp >= stackLimit &&
  sp < stackBase;
