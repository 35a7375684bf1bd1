import type { Va } from '@poolscope/engine/base';
import type { ListedProcess } from '../bystanders.ts';
import type { BootedKernel } from '../kernel-boot.ts';
import type { KernelWorld } from '../kernel-world.ts';
import type { LoadedImages } from '../loaded-images.ts';
import type { ThreadObject } from '../processes.ts';
import type { StructureTable } from '../structure-table.ts';
import { type PlantedDrivers, plantDrivers } from './driver-story.ts';
import { plantMemoryState } from './memory-state.ts';
import { ObjectSpace } from './object-space.ts';
import { type ObjectTree, plantTree } from './object-tree.ts';
import { mapPageFrames } from './page-frames.ts';
import type { SystemTruth } from './system-truth.ts';

/** What was planted before the page tables of processes exist. */
export interface PlantedSystem {
  readonly truth: Omit<SystemTruth, 'pages'>;
  /** What MmPagedPoolCommit of the debugger data block points to, where there is such a place. */
  readonly commitAnchor: Va | undefined;
}

/** Names and objects that exist before the machine crashes, because its drivers run. */
export interface EarlyObjects {
  readonly objects: ObjectSpace;
  readonly tree: ObjectTree | undefined;
  readonly drivers: Pick<PlantedDrivers, 'drivers' | 'devices' | 'files'>;
  /** ThreadListEntry of the requests that the crashed thread has in flight. */
  readonly requests: readonly Va[];
}

/** The object manager's root and what every machine has under it. */
export function plantNames(
  world: KernelWorld,
  tables: StructureTable,
  loaded: LoadedImages,
): Pick<EarlyObjects, 'objects' | 'tree'> {
  const objects = new ObjectSpace(world, tables);
  return { objects, tree: plantTree(objects, loaded) };
}

const withEarly = (planted: PlantedDrivers, early: EarlyObjects | undefined): PlantedDrivers =>
  early === undefined
    ? planted
    : {
        ...planted,
        drivers: [...early.drivers.drivers, ...planted.drivers],
        devices: [...early.drivers.devices, ...planted.devices],
        files: [...early.drivers.files, ...planted.files],
      };

/** Objects with their names, drivers with devices and requests, and the memory manager's view of it all. */
export function plantSystem(
  { world, loaded, pteBase }: BootedKernel,
  tables: StructureTable,
  listed: readonly ListedProcess[],
  thread: ThreadObject,
  early?: EarlyObjects,
): PlantedSystem {
  const { objects, tree } = early ?? plantNames(world, tables, loaded);
  for (const process of listed) {
    objects.giveHeader(process.object.va, 'Process', { handles: 3, pointers: 0x1_8000 });
    for (const each of process.threads)
      objects.giveHeader(each.object.va, 'Thread', { handles: 1, pointers: 0x7ffd });
  }
  const drivers = withEarly(plantDrivers(objects, tree, loaded, thread, early?.requests), early);
  const { anchor, regions, counters } = plantMemoryState(objects, loaded, pteBase);
  mapPageFrames(world, tables);
  const links = (tree?.links ?? []).map(({ object, target }) => ({ address: object.va, target }));
  const truth = { objects: objects.planted, root: tree?.root.va, links, ...drivers, regions, counters };
  return { truth, commitAnchor: anchor };
}
