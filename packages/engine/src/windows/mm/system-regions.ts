import type { Va } from '../../base/index.ts';
import type { DebuggerData } from '../debugger-data.ts';
import type { ObjectKernel } from '../objects/index.ts';
import { physicalRuns } from './physical-runs.ts';
import { regionEnd, type SystemRegion } from './system-region.ts';
import { fixedRegions, systemVaTypes } from './tables/va-types.ts';
import { regionsByPageDirectory } from './va-type-array.ts';
import { findVisibleState, type VisibleState } from './visible-state.ts';

/** Ranges that the dump names, in no order; they may overlap: a use is told in parts and as a whole. */
export function systemRegions(kernel: ObjectKernel): SystemRegion[] {
  const state = findVisibleState(kernel);
  return merged([
    ...(state === undefined ? fixedLayout(kernel) : [...assigned(state), ...byRootEntry(state)]),
    ...regionsByPageDirectory(kernel),
    ...byVariables(kernel),
    ...pfnDatabaseRegion(kernel),
  ]);
}

/** What two sources tell alike is told once. */
function merged(regions: readonly SystemRegion[]): SystemRegion[] {
  const known = new Map<string, SystemRegion>();
  for (const region of regions) {
    const key = `${region.usage} ${region.start} ${region.end}`;
    const same = known.get(key);
    known.set(key, same === undefined ? region : { ...region, from: `${same.from} and ${region.from}` });
  }
  return [...known.values()];
}

function assigned({ structure, regionNames }: VisibleState): SystemRegion[] {
  return regionNames.flatMap((usage, index): SystemRegion[] => {
    const start = structure.pointer(`SystemVaRegions[${index}].BaseAddress`);
    const size = structure.bigint(`SystemVaRegions[${index}].NumberOfBytes`);
    if (start === undefined || size === undefined || start === 0n || size === 0n) return [];
    return start + size > addressSpace
      ? []
      : [{ usage, start, end: start + size, from: 'nt!MiState.Vs.SystemVaRegions' }];
  });
}

const addressSpace = 1n << 64n;
/** What one entry of the root table maps, on four levels. */
const rootSpan = 1n << 39n;
const kernelHalf = 0xffff_8000_0000_0000n;

/** Neighbours of one type are one region; types that say nothing are left out. */
function byRootEntry({ structure }: VisibleState): SystemRegion[] {
  const types = structure.bytes('SystemVaType');
  const count = structure.type.member('SystemVaTypeCount')?.count;
  // With five levels of page tables an entry of the root maps more, and how the table is used then is not known.
  if (structure.number('PagingLevels') === 5) return [];
  if (types === undefined || count === undefined || types.length !== 256) return [];
  const names = systemVaTypes(count, structure.has('SessionSpecialPool'));
  const regions: SystemRegion[] = [];
  for (let slot = 0; slot < types.length; ) {
    const type = types[slot]!;
    let next = slot + 1;
    while (next < types.length && types[next] === type) next++;
    const usage = names[type];
    if (usage !== undefined && usage !== 'Unused' && usage !== 'MaximumType') {
      const [start, end] = [slot, next].map((at) => kernelHalf + BigInt(at) * rootSpan);
      regions.push({ usage, start: start!, end: end!, from: 'nt!MiState.Vs.SystemVaType' });
    }
    slot = next;
  }
  return regions;
}

const lastFixedBuild = 9200;
const firstFixedBuild = 6000;

function fixedLayout({ target }: ObjectKernel): SystemRegion[] {
  const { build } = target.dump.header;
  if (target.machine !== 'x64' || build < firstFixedBuild || build > lastFixedBuild) return [];
  const from = 'the fixed layout of x64 Windows up to 8';
  return fixedRegions.map(([usage, start, end]) => ({ usage, start, end, from }));
}

type VariableName = Parameters<DebuggerData['address']>[0];

const variables: readonly (readonly [usage: string, start: VariableName, end: VariableName])[] = [
  ['NonPagedPool', 'MmNonPagedPoolStart', 'MmNonPagedPoolEnd'],
  ['PagedPool', 'MmPagedPoolStart', 'MmPagedPoolEnd'],
  ['SystemCache', 'MmSystemCacheStart', 'MmSystemCacheEnd'],
  ['SystemPtes', 'MmSystemPtesStart', 'MmSystemPtesEnd'],
];

/** By variables of nt that the debugger data block names; newer kernels leave most of them at 0. */
function byVariables(kernel: ObjectKernel): SystemRegion[] {
  return variables.flatMap(([usage, from, to]): SystemRegion[] => {
    const [start, last] = [valueOf(kernel, from), valueOf(kernel, to)];
    if (start === undefined || last === undefined || last <= start) return [];
    return [{ usage, start, end: regionEnd(last), from: `nt!${from} and nt!${to}` }];
  });
}

/** The value of a variable that the block names; undefined when it cannot be read, or is 0. */
function valueOf({ data, target }: ObjectKernel, name: VariableName): Va | undefined {
  const variable = data?.value.address(name);
  const value = variable === undefined ? undefined : target.readPointer(variable);
  return value === 0n ? undefined : value;
}

/** As long as entries of all physical pages: to the highest page that the dump's header or nt names. */
function pfnDatabaseRegion(kernel: ObjectKernel): SystemRegion[] {
  const size = kernel.structures.find('_MMPFN')?.size;
  const start = valueOf(kernel, 'MmPfnDatabase');
  const highest = valueOf(kernel, 'MmHighestPhysicalPage') ?? physicalRuns(kernel.target)?.highest;
  if (size === undefined || start === undefined || highest === undefined) return [];
  const end = start + (highest + 1n) * BigInt(size);
  const from = 'nt!MmPfnDatabase, and the highest physical page';
  return end > addressSpace ? [] : [{ usage: 'PfnDatabase', start, end, from }];
}
