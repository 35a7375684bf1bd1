import type { Va } from '@poolscope/engine/base';
import { plantRing, stackOf, type TraceSite } from './planted-traces.ts';
import { PlantedStructure } from './structure-table.ts';
import { irpStory } from './verifier-story.ts';

/** A record of one of the smaller logs that hold a thread and a stack. */
export interface TrueTrace {
  readonly thread: Va;
  readonly stack: readonly Va[];
}

/** A record about a request. */
export interface TrueIrpTrace extends TrueTrace {
  readonly irp: Va;
  readonly Irql: number;
  readonly KernelApcDisable: number;
  readonly SpecialApcDisable: number;
}

/** A cancelled request that is waited for. */
export interface TrueWatchedIrp {
  readonly address: Va;
  readonly irp: Va;
  readonly dueTickCount: number;
  readonly timeoutTicks: number;
}

/** What the verifier of a machine logged of requests and regions: oldest first; empty where the tables lack the record. */
export interface IrpLogs {
  readonly faults: readonly TrueTrace[];
  readonly criticalRegions: readonly TrueTrace[];
  readonly forcedPending: readonly (TrueTrace & { readonly irp: Va })[];
  readonly irps: readonly TrueIrpTrace[];
  readonly watched: readonly TrueWatchedIrp[];
}

/** Room for so many records in each log. */
const [faultLength, regionLength, pendingLength, irpLength] = [0x10, 0x10, 0x40, 0x20];

export function plantIrpLogs(site: TraceSite): IrpLogs {
  const { world, tables } = site;
  const irps = irpStory.requests.map(() => world.nonPagedPool.allocate(tables.size('_IRP') ?? 0xd0, 0x10));
  return {
    faults: plantFaults(site),
    criticalRegions: plantRegions(site),
    forcedPending: plantForcedPending(site, irps),
    irps: plantCalls(site, irps),
    watched: plantWatched(site, irps),
  };
}

const variablesOf = (name: string): string[] => [name, `${name}Length`, `${name}Index`];

/** The records, or none where this build's tables do not have them. */
const knownOnly = <T>({ tables }: TraceSite, name: string, traces: T[]): T[] =>
  tables.size(name) === undefined ? [] : traces;

function plantFaults(site: TraceSite): TrueTrace[] {
  const { loaded, thread } = site;
  const traces = irpStory.faults.map((names) => ({ thread, stack: stackOf(loaded, names) }));
  const name = '_VI_FAULT_TRACE';
  plantRing(site, { name, variables: variablesOf('ViFaultTraces') }, faultLength, traces, (record) =>
    record.set({ Thread: thread }),
  );
  return knownOnly(site, name, traces);
}

/** The crashing thread and another one take turns. */
function plantRegions(site: TraceSite): TrueTrace[] {
  const { loaded, world } = site;
  const other = world.nonPagedPool.allocate(0x40, 0x40);
  const traces = irpStory.regions.map(({ own, names }) => ({
    thread: own ? site.thread : other,
    stack: stackOf(loaded, names),
  }));
  const name = '_VF_KE_CRITICAL_REGION_TRACE';
  const ring = { name, variables: variablesOf('VfKeCriticalRegionTraces') };
  plantRing(site, ring, regionLength, traces, (record, { thread }) => record.set({ Thread: thread }));
  return knownOnly(site, name, traces);
}

function plantForcedPending(site: TraceSite, irps: readonly Va[]): IrpLogs['forcedPending'] {
  const { loaded, thread } = site;
  const traces = irpStory.pending.map(({ request, names }) => ({
    irp: irps[request]!,
    thread,
    stack: stackOf(loaded, names),
  }));
  const name = '_IOV_FORCED_PENDING_TRACE';
  const variables = ['VfForcedPendingLog', 'VfForcedPendingLogLength', 'VfForcedPendingIrps'];
  plantRing(site, { name, variables }, pendingLength, traces, (record, { irp }) =>
    record.set({ Irp: irp, Thread: thread }),
  );
  return knownOnly(site, name, traces);
}

function plantCalls(site: TraceSite, irps: readonly Va[]): TrueIrpTrace[] {
  const { loaded, thread } = site;
  const traces = irpStory.calls.map(({ request, names, Irql, KernelApcDisable, SpecialApcDisable }) => ({
    irp: irps[request]!,
    thread,
    ...{ Irql, KernelApcDisable, SpecialApcDisable },
    stack: stackOf(loaded, names),
  }));
  const name = '_IOV_IRP_TRACE';
  plantRing(site, { name, variables: variablesOf('IovIrpTraces') }, irpLength, traces, (record, trace) => {
    const { irp, Irql, KernelApcDisable, SpecialApcDisable } = trace;
    record.set({ Irp: irp, Thread: thread, Irql, KernelApcDisable, SpecialApcDisable });
  });
  return knownOnly(site, name, traces);
}

function plantWatched({ world, tables, loaded }: TraceSite, irps: readonly Va[]): TrueWatchedIrp[] {
  const name = '_VF_WATCHDOG_IRP';
  const size = tables.size(name);
  if (size === undefined) return [];
  const watched = irpStory.watched.map(({ request, dueTickCount, timeoutTicks }) => {
    const address = world.nonPagedPool.allocate(size, 0x10);
    const irp = irps[request]!;
    new PlantedStructure(world.space, tables, name, address).set({
      Irp: irp,
      DueTickCount: dueTickCount,
      Inserted: 1,
      TrackedStackLocation: 1,
      CancelTimeoutTicks: timeoutTicks,
    });
    return { address, irp, dueTickCount, timeoutTicks };
  });
  world.linkList(
    loaded.address('nt!VfWdIrpListHead'),
    watched.map(({ address }) => address),
  );
  return watched;
}
