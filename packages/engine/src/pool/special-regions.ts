import type { Va } from '../base/index.ts';
import { type ObjectKernel, systemRegions } from '../windows/index.ts';

/** A range of addresses that the kernel keeps for special pool. */
export interface SpecialRegion {
  readonly start: Va;
  /** Exclusive. */
  readonly end: Va;
  /** How that is known, as half a sentence. */
  readonly from: string;
}

/** Ranges, and where the variables are that they were read from: symbols that come later can change both. */
interface Known {
  readonly places: string;
  readonly regions: readonly SpecialRegion[];
}

/** Read once for a system: a walk over pages asks for every page, and a kernel has dozens of regions. */
const known = new WeakMap<ObjectKernel['symbols'], Known>();

const variables = ['MiState', 'MiSystemVaType', 'MmSpecialPoolStart', 'MmSpecialPoolEnd'] as const;

/** By the regions that the dump names, and by variables of nt. */
export function specialRegions(kernel: ObjectKernel): readonly SpecialRegion[] {
  const places = variables.map((name) => kernel.symbols.findAddress(`nt!${name}`)).join();
  const before = known.get(kernel.symbols);
  if (before?.places === places) return before.regions;
  const regions = [...byUsage(kernel), ...byVariables(kernel)];
  known.set(kernel.symbols, { places, regions });
  return regions;
}

const byUsage = (kernel: ObjectKernel): SpecialRegion[] =>
  systemRegions(kernel)
    .filter(({ usage }) => usage.startsWith('SpecialPool'))
    .map(({ usage, start, end, from }) => ({ start, end, from: `${usage} by ${from}` }));

/** Up to Windows Server 2003 special pool is one range. */
function byVariables({ symbols, target }: ObjectKernel): SpecialRegion[] {
  const [start, end] = ['MmSpecialPoolStart', 'MmSpecialPoolEnd'].map((name) => {
    const at = symbols.findAddress(`nt!${name}`);
    return at === undefined ? undefined : target.readPointer(at);
  });
  if (start === undefined || end === undefined || start === 0n || end <= start) return [];
  return [{ start, end, from: 'nt!MmSpecialPoolStart and nt!MmSpecialPoolEnd' }];
}
