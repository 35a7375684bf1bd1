import type { Va } from '@poolscope/engine/base';
import { u32Bytes } from '../bytes/integers.ts';
import type { KernelWorld } from './kernel-world.ts';
import type { LoadedImages } from './loaded-images.ts';
import type { TrueSpecialBlock } from './planted-special-pool.ts';
import { PlantedStructure, type StructureTable } from './structure-table.ts';

/** A record of the pool log as it was planted. */
export interface TruePoolTrace {
  readonly address: Va;
  readonly size: number;
  readonly thread: Va;
  readonly stack: readonly Va[];
}

/** A record of the log of IRQL changes. */
export interface TrueIrqlTrace {
  readonly thread: Va;
  readonly OldIrql: number;
  readonly NewIrql: number;
  readonly Processor: number;
  readonly TickCount: number;
  readonly stack: readonly Va[];
}

/** What records are made of. */
export interface TraceSite {
  readonly world: KernelWorld;
  readonly loaded: LoadedImages;
  readonly tables: StructureTable;
  readonly thread: Va;
}

/** Records that the logs have room for. */
const poolLogLength = 0x40;
const irqlLogLength = 0x10;

/** Each block is allocated in turn; the freed one is freed. Oldest first. */
export function plantPoolLog(site: TraceSite, blocks: readonly TrueSpecialBlock[]): TruePoolTrace[] {
  const { loaded, thread } = site;
  const allocate = stackOf(loaded, [
    'nt!ExAllocatePoolWithTag',
    'storfilt!DispatchDeviceControl',
    'nt!IofCallDriver',
  ]);
  const free = stackOf(loaded, [
    'nt!ExFreePoolWithTag',
    'sampledrv!FillRecord',
    'sampledrv!DispatchDeviceControl',
  ]);
  const freed = blocks.filter(({ name }) => name === 'freed');
  const traces = [
    ...blocks.map(({ address, size }) => ({ address, size, thread, stack: allocate })),
    ...freed.map(({ address, size }) => ({ address, size, thread, stack: free })),
  ];
  const name = '_VF_POOL_TRACE';
  plantRing(
    site,
    { name, variables: ['VfPoolTraces', 'VfPoolTracesLength', 'VfPoolTracesIndex'] },
    poolLogLength,
    traces,
    (record, trace) => record.set({ Address: trace.address, Size: trace.size, Thread: trace.thread }),
  );
  return traces;
}

/** A ring that has come around: more records than it has room for. */
export function plantIrqlLog(site: TraceSite): TrueIrqlTrace[] {
  const { loaded, thread } = site;
  const stack = stackOf(loaded, ['sampledrv!DispatchDeviceControl', 'nt!IofCallDriver']);
  const traces = Array.from({ length: irqlLogLength + 3 }, (_, index) => ({
    thread,
    OldIrql: index % 2 === 0 ? 0 : 2,
    NewIrql: index % 2 === 0 ? 2 : 0,
    Processor: index % 2,
    TickCount: 0x495e + index,
    stack,
  }));
  const ring = {
    name: '_VI_TRACK_IRQL',
    variables: ['ViTrackIrqlQueue', 'ViTrackIrqlQueueLength', 'ViTrackIrqlIndex'],
  };
  plantRing(site, ring, irqlLogLength, traces, (record, trace) => {
    const { OldIrql, NewIrql, Processor, TickCount } = trace;
    record.set({ Thread: trace.thread, OldIrql, NewIrql, Processor, TickCount });
  });
  return traces;
}

/** Returns to a few bytes behind the beginnings of functions. */
export const stackOf = (loaded: LoadedImages, names: readonly string[]): Va[] =>
  names.map((name, index) => loaded.address(name) + BigInt(4 * (index + 1)));

/** nt counts the index up before it writes a record: the first one is 1. Nothing where the tables lack the record. */
export function plantRing<T extends { readonly stack: readonly Va[] }>(
  { world, loaded, tables }: TraceSite,
  { name, variables }: { readonly name: string; readonly variables: readonly string[] },
  length: number,
  traces: readonly T[],
  fill: (record: PlantedStructure, trace: T) => void,
): void {
  const size = tables.size(name);
  if (size === undefined) return;
  const base = world.nonPagedPool.allocate(length * size, 0x1000);
  for (const [index, trace] of traces.entries()) {
    const at = base + BigInt(((index + 1) % length) * size);
    world.space.write(at, new Uint8Array(size));
    const record = new PlantedStructure(world.space, tables, name, at);
    fill(record, trace);
    for (const [frame, va] of trace.stack.entries()) record.setElement('StackTrace', frame, va);
  }
  const [baseAt, lengthAt, indexAt] = variables.map((each) => loaded.address(`nt!${each}`));
  world.writePointer(baseAt!, base);
  world.space.write(lengthAt!, u32Bytes(length));
  world.space.write(indexAt!, u32Bytes(traces.length));
}
