import { DebuggerError, type Va } from '../base/index.ts';
import { Structure, type StructureType } from '../types/index.ts';
import type { ObjectKernel } from '../windows/index.ts';
import {
  findNewest,
  pointerAt,
  type RingNames,
  type RingOrder,
  type RingRecord,
  ringBySymbols,
  stackOf,
  type TraceRing,
  walkBack,
} from './trace-ring.ts';

/** A record of one of the smaller logs. */
export interface VerifierTrace {
  readonly slot: number;
  readonly thread: Va;
  /** Return addresses, nearest first. */
  readonly stack: readonly Va[];
  /** Of the log of IRQL changes; undefined where this build has no such member. */
  readonly irql?: {
    readonly old: number | undefined;
    readonly new: number | undefined;
    readonly processor: number | undefined;
    readonly tickCount: number | undefined;
  };
  /** Of the logs of IRPs; undefined of others. */
  readonly irp?: TracedIrp;
}

/** The request that a record is about, and how the processor stood; undefined: of this build or log not known. */
export interface TracedIrp {
  readonly address: Va;
  readonly irql: number | undefined;
  /** Negative while kernel APCs, or special kernel APCs too, are disabled. */
  readonly kernelApcDisable: number | undefined;
  readonly specialApcDisable: number | undefined;
}

/** A log, newest record first; `ring` undefined: nt has made none. */
export interface VerifierLog {
  readonly kind: VerifierLogKind;
  readonly ring: TraceRing | undefined;
  readonly order: RingOrder | undefined;
  readonly traces: readonly VerifierTrace[];
  /** Records whose bytes are not in the dump. */
  readonly missing: number;
}

/** Injected faults, IRQL changes, critical regions, requests that were forced to pend, calls about requests. */
export type VerifierLogKind = 'faults' | 'irql' | 'critical-regions' | 'forced-pending' | 'irps';

interface LogSource {
  readonly structure: string;
  readonly names: RingNames;
}

/**
 * Where the logs are. Source: symbols and types of the PDBs of 7601 to 22000. That the number of forced IRPs is what counts
 * the records of their log is taken from its name.
 */
const sources: Readonly<Record<VerifierLogKind, LogSource>> = {
  faults: {
    structure: '_VI_FAULT_TRACE',
    names: { base: 'ViFaultTraces', length: 'ViFaultTracesLength', index: 'ViFaultTracesIndex' },
  },
  irql: {
    structure: '_VI_TRACK_IRQL',
    names: { base: 'ViTrackIrqlQueue', length: 'ViTrackIrqlQueueLength', index: 'ViTrackIrqlIndex' },
  },
  'critical-regions': {
    structure: '_VF_KE_CRITICAL_REGION_TRACE',
    names: {
      base: 'VfKeCriticalRegionTraces',
      length: 'VfKeCriticalRegionTracesLength',
      index: 'VfKeCriticalRegionTracesIndex',
    },
  },
  'forced-pending': {
    structure: '_IOV_FORCED_PENDING_TRACE',
    names: { base: 'VfForcedPendingLog', length: 'VfForcedPendingLogLength', index: 'VfForcedPendingIrps' },
  },
  irps: {
    structure: '_IOV_IRP_TRACE',
    names: { base: 'IovIrpTraces', length: 'IovIrpTracesLength', index: 'IovIrpTracesIndex' },
  },
};

/** The structure that a log's records have. */
export const logStructure = (kind: VerifierLogKind): string => sources[kind].structure;

/** Which records of a log are wanted. */
export interface LogFilter {
  /** So many of the newest. */
  readonly count?: number;
  /** Only of this thread. */
  readonly thread?: Va;
  /** Only of this request. */
  readonly irp?: Va;
}

/** Reads one of the logs, which symbols of nt alone lead to. Throws SYMBOLS_NEEDED, TYPES_UNKNOWN or MEMORY_UNREADABLE. */
export function* readVerifierLog(
  kernel: ObjectKernel,
  kind: VerifierLogKind,
  { count = Number.POSITIVE_INFINITY, thread, irp }: LogFilter = {},
): Generator<number, VerifierLog> {
  const { structure, names } = sources[kind];
  const type = kernel.structures.find(structure);
  if (type === undefined) throw kernel.structures.unknown(structure);
  const ring = ringBySymbols(kernel, names, type);
  if (ring === undefined)
    throw new DebuggerError(
      'SYMBOLS_NEEDED',
      `where this log is, is not known: there are no symbols for nt!${names.base}`,
    );
  if (ring === 'empty') return { kind, ring: undefined, order: undefined, traces: [], missing: 0 };
  const order = findNewest(kernel, ring, isEmpty);
  const traces: VerifierTrace[] = [];
  let missing = 0;
  let done = 0;
  const isAsked = (trace: VerifierTrace): boolean =>
    (thread === undefined || trace.thread === thread) && (irp === undefined || trace.irp?.address === irp);
  for (const records of walkBack(kernel, ring, order.newest)) {
    for (const record of records) {
      if (traces.length >= count) break;
      const trace = decode(kernel, kind, type, record);
      if (trace === undefined) missing++;
      else if (trace !== 'empty' && isAsked(trace)) traces.push(trace);
    }
    done += records.length;
    yield done;
    if (traces.length >= count) break;
  }
  return { kind, ring, order, traces, missing };
}

const isEmpty = (record: Uint8Array): boolean => record.every((byte) => byte === 0);

function decode(
  { target }: ObjectKernel,
  kind: VerifierLogKind,
  type: StructureType,
  { slot, address, bytes }: RingRecord,
): VerifierTrace | 'empty' | undefined {
  if (bytes === undefined) return undefined;
  if (isEmpty(bytes)) return 'empty';
  const { pointerSize } = target;
  const thread = pointerAt(bytes, type.offset('Thread') ?? 0, pointerSize);
  const trace = { slot, thread, stack: stackOf(bytes, type, pointerSize) };
  const record = new Structure(type, target.memory, address);
  switch (kind) {
    case 'irql':
      return { ...trace, irql: irqlOf(record) };
    case 'irps':
    case 'forced-pending':
      return { ...trace, irp: irpOf(record, pointerAt(bytes, type.offset('Irp') ?? 0, pointerSize)) };
    case 'faults':
    case 'critical-regions':
      return trace;
  }
}

const irqlOf = (record: Structure): VerifierTrace['irql'] & object => ({
  old: record.number('OldIrql'),
  new: record.number('NewIrql'),
  processor: record.number('Processor'),
  tickCount: record.number('TickCount'),
});

const irpOf = (record: Structure, address: Va): TracedIrp => ({
  address,
  irql: record.number('Irql'),
  kernelApcDisable: record.number('KernelApcDisable'),
  specialApcDisable: record.number('SpecialApcDisable'),
});
