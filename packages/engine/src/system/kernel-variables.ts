import type { Va } from '../base/index.ts';
import type { DataRange } from '../symbols/index.ts';
import type { DebuggerData, Module } from '../windows/index.ts';

/** Fields of the debugger data block that hold addresses of writable variables of nt. */
const variables = [
  'PsLoadedModuleList',
  'PsActiveProcessHead',
  'ExpSystemResourcesList',
  'KeBugCheckCallbackListHead',
  'KiBugCheckData',
  'KiProcessorBlock',
  'MmPfnDatabase',
  'MmUnloadedDrivers',
  'MmLastUnloadedDriver',
  'MmSpecialPoolTag',
  'MmVerifierData',
  'PoolTrackTable',
] as const;

/**
 * Where nt keeps its variables: between the lowest and the highest that the debugger data block names. The linker puts
 * writable data of the kernel side by side, so no code is in between (seen in every real dump at hand, 9600 to 26100).
 * It keeps words that point at variables out of stack scans when the image's headers are not in the dump.
 */
export function kernelVariables(
  nt: Module | undefined,
  data: DebuggerData | undefined,
): DataRange | undefined {
  if (nt === undefined || data === undefined) return undefined;
  const end = nt.base + BigInt(nt.size);
  const inside = variables
    .map((name) => data.address(name))
    .filter((va): va is Va => va !== undefined && va >= nt.base && va < end);
  if (inside.length < 2) return undefined;
  const sorted = inside.sort((a, b) => (a < b ? -1 : 1));
  return { start: sorted[0]!, end: sorted.at(-1)! + 8n };
}
