import { Fault, type Va } from '../base/index.ts';
import { PagedMemory, type VirtualMemory } from '../mmu/index.ts';
import { readProcess } from '../windows/index.ts';
import type { CrashedSystem } from './crashed-system.ts';

/** No processor has more than 52 bits of physical addresses. */
const maxPhysical = 1n << 52n;

/**
 * Memory as a process sees it, through its own page tables. Undefined where the dump has no page tables, or those of the
 * process are not in it: its kernel half has to lead to the kernel.
 */
export function memoryOfProcess(system: CrashedSystem, process: Va): VirtualMemory | undefined {
  const { target, data, memory } = system;
  if (process === system.process?.address) return memory;
  if (!(memory instanceof PagedMemory)) return undefined;
  const { directoryTableBase: base } = readProcess(target, data?.value, process, system.types);
  if (base === undefined || base === 0n || base >= maxPhysical) return undefined;
  const own = memory.withDirectoryTableBase(Number(base));
  const probe = system.kernel?.base ?? target.dump.header.psLoadedModuleList;
  const leadsToKernel = probe !== undefined && !(own.tryRead(probe, 1) instanceof Fault);
  return leadsToKernel || probe === undefined ? own : undefined;
}
