import type { Va } from '../base/index.ts';
import type { RegisterSet } from '../cpu/index.ts';
import { type Processor, readSwitchedThread, readThread } from '../windows/index.ts';
import type { CrashedSystem } from './crashed-system.ts';

/** Registers and what kind of record they come from: a thread that waits has saved only a few (`switch`). */
export interface SavedRegisters {
  readonly registers: RegisterSet;
  readonly kind: 'context' | 'trap' | 'switch';
}

/** Registers of a processor when the machine stopped; undefined when the dump has not saved them. */
export function registersOfProcessor(
  system: CrashedSystem,
  processor: Processor,
): SavedRegisters | undefined {
  if (processor === system.crashedProcessor) return system.defaultScope;
  return processor.context === undefined
    ? undefined
    : { registers: processor.context.value, kind: 'context' };
}

/** Registers of the thread at `address`: of its processor if it runs, else those it will go on with. */
export function registersOfThread(system: CrashedSystem, address: Va): SavedRegisters | undefined {
  const { processors, data, target, symbols } = system;
  const processor = processors.find(({ currentThread }) => currentThread === address);
  if (processor !== undefined) return registersOfProcessor(system, processor);
  if (data === undefined) return undefined;
  const registers = readSwitchedThread(target, readThread(target, data.value, address), symbols);
  return registers === undefined ? undefined : { registers, kind: 'switch' };
}
