import type { Va } from '../base/index.ts';
import {
  KernelStructures,
  layoutFacts,
  type Module,
  type ObjectKernel,
  readProcess,
  Target,
} from '../windows/index.ts';
import type { CrashedSystem } from './crashed-system.ts';
import { memoryOfProcess } from './process-memory.ts';

/** The kernel as one process sees it. */
export interface ProcessKernel extends ObjectKernel {
  readonly symbols: CrashedSystem['symbols'];
  readonly modules: readonly Module[];
  readonly kernel: Module | undefined;
}

/**
 * The kernel through the page tables of a process: session space and user memory are its own, all else is the same.
 * Undefined where its page tables are not in the dump.
 */
export function kernelOfProcess(system: CrashedSystem, process: Va): ProcessKernel | undefined {
  const memory = memoryOfProcess(system, process);
  if (memory === undefined) return undefined;
  if (memory === system.memory) return system;
  const { data, types, symbols, modules, kernel, processors, thread } = system;
  const target = new Target(system.target.dump, memory);
  const structures = new KernelStructures(target, types, layoutFacts(data?.value, target.machine));
  return {
    ...{ target, data, structures, symbols, modules, kernel, processors, thread },
    process: readProcess(target, data?.value, process, types),
  };
}
