import type { Kernel } from './kernel.ts';
import type { Processor } from './processors.ts';

/** Levels by number. Source: public headers (wdm.h): x64 and arm64 alike, x86 with more device levels. */
const wideNames: Readonly<Record<number, string>> = {
  0: 'LOW_LEVEL',
  1: 'APC_LEVEL',
  2: 'DISPATCH_LEVEL',
  12: 'SYNCH_LEVEL',
  13: 'CLOCK_LEVEL',
  14: 'IPI_LEVEL',
  15: 'HIGH_LEVEL',
};
const narrowNames: Readonly<Record<number, string>> = {
  0: 'LOW_LEVEL',
  1: 'APC_LEVEL',
  2: 'DISPATCH_LEVEL',
  27: 'PROFILE_LEVEL',
  28: 'CLOCK2_LEVEL',
  29: 'IPI_LEVEL',
  30: 'POWER_LEVEL',
  31: 'HIGH_LEVEL',
};

/** The name of a level; undefined for a number that is none. */
export function irqlName(machine: Kernel['target']['machine'], irql: number): string | undefined {
  const names = machine === 'x86' ? narrowNames : wideNames;
  const highest = machine === 'x86' ? 31 : 15;
  return names[irql] ?? (irql > 2 && irql < highest ? 'device interrupt' : undefined);
}

/** The level at which a processor ran before the debugger or the bug check raised it. */
export interface SavedIrql {
  readonly processor: number | undefined;
  readonly irql: number | undefined;
  /** Why it is not known, as half a sentence. */
  readonly why: string | undefined;
  /** What else tells a level, where the PRCB does not. */
  readonly bugCheckIrql: number | undefined;
}

/** Bug checks whose second parameter is the level. Source: Microsoft's bug check reference. */
const withIrql: ReadonlySet<number> = new Set([0xa, 0x4a, 0xd1]);
/** Live and application dumps set a high bit in the code. */
const codeMask = 0xfff_ffff;

/** KPRCB.DebuggerSavedIRQL, which the kernel has since Windows Server 2003. */
export function readSavedIrql(kernel: Kernel, processor: Processor): SavedIrql {
  const { structures, target } = kernel;
  const number = processor.number?.value;
  const isKnown = structures.offset('_KPRCB', 'DebuggerSavedIRQL') !== undefined;
  const prcb = isKnown ? structures.at('_KPRCB', processor.prcb) : undefined;
  const irql = prcb?.number('DebuggerSavedIRQL');
  if (irql !== undefined) return { processor: number, irql, why: undefined, bugCheckIrql: undefined };
  const { bugCheckCode, bugCheckParameters } = target.dump.header;
  const parameter = Number(bugCheckParameters[1]);
  const hasParameter = withIrql.has(bugCheckCode & codeMask) && parameter <= 31;
  const isCrashed = kernel.thread !== undefined && processor.currentThread === kernel.thread.address;
  return {
    processor: number,
    irql: undefined,
    why: prcb?.why('DebuggerSavedIRQL') ?? structures.whyUnknown('_KPRCB', 'DebuggerSavedIRQL'),
    bugCheckIrql: hasParameter && isCrashed ? parameter : undefined,
  };
}
