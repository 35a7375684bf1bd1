import type { Va } from '../../base/index.ts';
import type { Location } from '../../symbols/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import type { Frame } from '../../unwind/index.ts';
import type { UnloadedModule } from '../../windows/index.ts';
import type { FaultSite } from '../fault.ts';
import { isReporter } from '../kernel-modules.ts';

/**
 * Whom to ask first, and why.
 * - `fault`: the faulting instruction is there
 * - `stack`: the first module outside the kernel on the stack
 * - `scan`: the same, but the way to its frame led over words found by scanning
 * - `kernel`: only the kernel is on the stack; no driver is named
 */
export interface Followup {
  readonly by: 'fault' | 'stack' | 'scan' | 'kernel';
  /** Undefined where the stack lies in the kernel alone and no instruction failed. */
  readonly address: Va | undefined;
  readonly place: Location | undefined;
  /** Where the address lay before the driver was unloaded. */
  readonly unloaded: UnloadedModule | undefined;
  /** Index in the stack, where the address is on it. */
  readonly frame: number | undefined;
}

/** Undefined when there is neither a failed instruction nor a stack. */
export function findFollowup(
  system: CrashedSystem,
  fault: FaultSite | undefined,
  frames: readonly Frame[],
): Followup | undefined {
  const atFault = fault === undefined ? undefined : describe(system, fault.ip, 'fault', frames);
  if (atFault?.unloaded !== undefined || isOutside(atFault?.place)) return atFault;
  const start = Math.max(0, atFault?.frame ?? 0);
  const found = frames.findIndex(({ ip }, index) => index >= start && isOutside(system.symbols.locate(ip)));
  if (found >= 0) return describe(system, frames[found]!.ip, trustOf(frames.slice(0, found + 1)), frames);
  if (atFault?.place !== undefined) return { ...atFault, by: 'kernel' };
  const inKernel = frames.some(({ ip }) => system.symbols.locate(ip) !== undefined);
  return inKernel
    ? { by: 'kernel', address: undefined, place: undefined, unloaded: undefined, frame: undefined }
    : undefined;
}

/** What was reached over a guess is no better than the guess. */
const trustOf = (way: readonly Frame[]): 'stack' | 'scan' =>
  way.some(({ trust }) => trust === 'scan') ? 'scan' : 'stack';

const isOutside = (place: Location | undefined): boolean =>
  place !== undefined && !isReporter(place.module.name);

function describe(
  system: CrashedSystem,
  address: Va,
  by: Followup['by'],
  frames: readonly Frame[],
): Followup {
  const index = frames.findIndex(({ ip }) => ip === address);
  return {
    by,
    address,
    place: system.symbols.locate(address),
    unloaded: system.unloadedModules.find(({ start, end }) => address >= start && address < end),
    frame: index < 0 ? undefined : index,
  };
}
