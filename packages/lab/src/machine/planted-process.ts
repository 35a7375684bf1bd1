import type { Va } from '@poolscope/engine/base';
import type { KernelWorld } from './kernel-world.ts';
import type { ProcessFigures } from './object-figures.ts';
import type { ProcessObject } from './processes.ts';
import { PlantedStructure, type StructureTable } from './structure-table.ts';

/** Addresses that a process has beside its figures. */
export interface ProcessHoldings {
  readonly token: Va;
  readonly deviceMap: Va;
  readonly vadRoot: Va;
  readonly objectTable: Va;
}

/** References that an EX_FAST_REF keeps in its low bits. */
const cachedReferences = 5n;

/** Fills in what the tables of the build have places for. */
export function fillProcess(
  world: KernelWorld,
  tables: StructureTable,
  process: ProcessObject,
  figures: ProcessFigures,
): ProcessHoldings {
  const view = (name: string, va: Va) => new PlantedStructure(world.space, tables, name, va);
  const { pagedPool, nonPagedPool } = world;
  const holdings = {
    token: pagedPool.allocate(0x40, 16),
    deviceMap: pagedPool.allocate(0x40),
    vadRoot: nonPagedPool.allocate(0x40),
    objectTable: pagedPool.allocate(tables.size('_HANDLE_TABLE') ?? 0x40, 0x40),
  };
  const [now, least, most] = figures.workingSet;
  view('_EPROCESS', process.va)
    .set({
      Token: holdings.token | cachedReferences,
      'Token.Value': holdings.token | cachedReferences,
      ObjectTable: holdings.objectTable,
      DeviceMap: holdings.deviceMap,
      'VadRoot.Root': holdings.vadRoot,
      VadCount: figures.vads,
      NumberOfPrivatePages: figures.privatePages,
      ModifiedPageCount: figures.modifiedPages,
      NumberOfLockedPages: figures.lockedPages,
      VirtualSize: figures.virtualSize,
      PeakVirtualSize: figures.peakVirtualSize,
      CommitCharge: figures.commitCharge,
      'Vm.Instance.WorkingSetLeafSize': now,
      'Vm.Instance.WorkingSetSize': now + 12,
      'Vm.Instance.MinimumWorkingSetSize': least,
      'Vm.Instance.MaximumWorkingSetSize': most,
      'Vm.Instance.PeakWorkingSetSize': figures.peakWorkingSet,
      'Vm.Instance.PageFaultCount': figures.pageFaults,
      'Vm.Instance.Flags.MemoryPriority': figures.memoryPriority,
    })
    .setElement('ProcessQuotaUsage', 0, figures.nonPagedQuota)
    .setElement('ProcessQuotaUsage', 1, figures.pagedQuota);
  view('_KPROCESS', process.va).set({
    BasePriority: figures.basePriority,
    KernelTime: figures.kernelTicks,
    UserTime: figures.userTicks,
  });
  view('_HANDLE_TABLE', holdings.objectTable).set({
    StrictFIFO: figures.strictOrder ? 1 : 0,
    'FreeLists.HandleCount': figures.handles,
    QuotaProcess: process.va,
  });
  return holdings;
}
