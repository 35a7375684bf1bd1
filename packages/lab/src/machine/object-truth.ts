import type { ListedProcess, ListedThread } from './bystanders.ts';
import type { ProcessorFigures } from './object-figures.ts';
import type { ProcessSpace } from './process-spaces.ts';
import type { Processor } from './processors.ts';
import type { StructureTable } from './structure-table.ts';
import type { TrueProcess, TrueProcessor, TrueThread } from './truth.ts';

/** What was planted of kernel objects. */
export interface PlantedObjects {
  readonly tables: StructureTable;
  readonly listed: readonly ListedProcess[];
  readonly spaces: ReadonlyMap<ListedProcess, ProcessSpace>;
  readonly processors: readonly Processor[];
  readonly figures: readonly ProcessorFigures[];
}

export function objectTruth({ tables, listed, spaces, processors, figures }: PlantedObjects): {
  readonly processes: readonly TrueProcess[];
  readonly processors: readonly TrueProcessor[];
} {
  const hasSessions = tables.size('_MM_SESSION_SPACE') !== undefined;
  return {
    processes: listed.map((process) => {
      const { object, id, parent, imageName, session, holdings } = process;
      const { directoryTableBase, marker } = spaces.get(process)!;
      return {
        address: object.va,
        id,
        parentId: parent,
        imageName,
        sessionId: hasSessions ? session : undefined,
        directoryTableBase,
        figures: process.figures,
        ...holdings,
        marker,
        threads: process.threads.map((thread) => threadTruth(listed, process, thread)),
      };
    }),
    processors: processors.map(({ number, prcb }, index) => ({ ...figures[index]!, number, prcb: prcb.va })),
  };
}

/** KTHREAD.State. */
const states = { ready: 1, running: 2, waiting: 5 } as const;

function threadTruth(
  listed: readonly ListedProcess[],
  { id: processId }: ListedProcess,
  { object, id, figures, story, switched, objects }: ListedThread,
): TrueThread {
  const attached = listed.find((other) => other.id === story?.attachedTo)?.object.va;
  const isReady = story?.isReady === true;
  return {
    address: object.va,
    id,
    processId,
    state: story === undefined ? states.running : isReady ? states.ready : states.waiting,
    ...(story === undefined || isReady ? {} : { waitReason: story.reason }),
    waitsFor: objects.map(({ kind, va }) => ({ kind, address: va })),
    figures,
    ...(attached === undefined ? {} : { attached }),
    impersonates: story?.impersonates === true,
    ...(switched === undefined ? {} : { frames: switched.frames }),
  };
}
