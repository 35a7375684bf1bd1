import type { Va } from '@poolscope/engine/base';
import type { ListedProcess } from '../bystanders.ts';
import type { BootedKernel } from '../kernel-boot.ts';
import type { ThreadObject } from '../processes.ts';
import type { StructureTable } from '../structure-table.ts';
import { plantDrivers } from './driver-story.ts';
import { plantMemoryState } from './memory-state.ts';
import { ObjectSpace } from './object-space.ts';
import { plantTree } from './object-tree.ts';
import { mapPageFrames } from './page-frames.ts';
import type { SystemTruth } from './system-truth.ts';

/** What was planted before the page tables of processes exist. */
export interface PlantedSystem {
  readonly truth: Omit<SystemTruth, 'pages'>;
  /** What MmPagedPoolCommit of the debugger data block points to, where there is such a place. */
  readonly commitAnchor: Va | undefined;
}

/** Objects with their names, drivers with devices and requests, and the memory manager's view of it all. */
export function plantSystem(
  { world, loaded, pteBase }: BootedKernel,
  tables: StructureTable,
  listed: readonly ListedProcess[],
  thread: ThreadObject,
): PlantedSystem {
  const objects = new ObjectSpace(world, tables);
  const tree = plantTree(objects, loaded);
  for (const process of listed) {
    objects.giveHeader(process.object.va, 'Process', { handles: 3, pointers: 0x1_8000 });
    for (const each of process.threads)
      objects.giveHeader(each.object.va, 'Thread', { handles: 1, pointers: 0x7ffd });
  }
  const drivers = plantDrivers(objects, tree, loaded, thread);
  const { anchor, regions, counters } = plantMemoryState(objects, loaded, pteBase);
  mapPageFrames(world, tables);
  const links = (tree?.links ?? []).map(({ object, target }) => ({ address: object.va, target }));
  const truth = { objects: objects.planted, root: tree?.root.va, links, ...drivers, regions, counters };
  return { truth, commitAnchor: anchor };
}
