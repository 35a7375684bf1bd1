import { type Va, wrap64 } from '../../base/index.ts';
import { Structure } from '../../types/index.ts';
import type { ObjectKernel } from '../objects/index.ts';
import { assignedRegions } from './tables/va-types.ts';

/** Part of the memory manager's state: how the kernel's addresses are divided, and what it has charged. */
export interface VisibleState {
  readonly structure: Structure;
  /** How its place is known, as half a sentence. */
  readonly from: string;
  /** Names of the elements of SystemVaRegions. */
  readonly regionNames: readonly string[];
}

/**
 * MmPagedPoolCommit of the debugger data block points so many bytes into Vs.SystemPteInfo. Source: two real dumps of
 * 19041 whose kernels' symbols are known. It is only where to look: what is there has to fit.
 */
const anchorInPteInfo = 0x28;

/** Finds nt!MiState.Vs (Windows 10 and later, x64); undefined where it is not known, or what is there does not fit. */
export function findVisibleState(kernel: ObjectKernel): VisibleState | undefined {
  const type = kernel.structures.find('_MI_VISIBLE_STATE');
  const place = statePlace(kernel);
  if (type === undefined || place === undefined) return undefined;
  const structure = new Structure(type, kernel.target.memory, place);
  const regionNames = fittingNames(kernel, structure);
  return regionNames === undefined
    ? undefined
    : { structure, regionNames, from: 'nt!MiState, which names the page frame database and the page tables' };
}

function statePlace({ structures, symbols, data }: ObjectKernel): Va | undefined {
  const state = symbols.findAddress('nt!MiState');
  const visible = structures.offset('_MI_SYSTEM_INFORMATION', 'Vs');
  if (state !== undefined && visible !== undefined) return state + BigInt(visible);
  const anchor = data?.value.address('MmPagedPoolCommit');
  const info = structures.offset('_MI_VISIBLE_STATE', 'SystemPteInfo');
  return anchor === undefined || info === undefined
    ? undefined
    : wrap64(anchor - BigInt(info + anchorInPteInfo));
}

/**
 * The names under which the regions fit what is known otherwise: where the page frame database and the page tables are.
 * Two addresses of 64 bits that agree are no accident.
 */
function fittingNames({ data, target }: ObjectKernel, state: Structure): readonly string[] | undefined {
  const count = state.type.member('SystemVaRegions')?.count;
  const variable = data?.value.address('MmPfnDatabase');
  const database = variable === undefined ? undefined : target.readPointer(variable);
  const pteBase = data?.value.address('PteBase');
  if (count === undefined || database === undefined || pteBase === undefined) return undefined;
  const baseOf = (names: readonly string[], name: string) =>
    state.pointer(`SystemVaRegions[${names.indexOf(name)}].BaseAddress`);
  return assignedRegions.find(
    (names) =>
      names.length === count &&
      baseOf(names, 'PfnDatabase') === database &&
      baseOf(names, 'PageTables') === pteBase,
  );
}
