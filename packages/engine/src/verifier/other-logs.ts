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

/** Injected faults, IRQL changes, critical regions. */
export type VerifierLogKind = 'faults' | 'irql' | 'critical-regions';

interface LogSource {
  readonly structure: string;
  readonly names: RingNames;
}

/** Where the logs are. Source: symbols and types of the PDBs of 7601 to 22000. */
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
};

/** The structure that a log's records have. */
export const logStructure = (kind: VerifierLogKind): string => sources[kind].structure;

export interface LogFilter {
  /** So many of the newest. */
  readonly count?: number;
  /** Only of this thread. */
  readonly thread?: Va;
}

/** Reads one of the logs, which symbols of nt alone lead to. Throws SYMBOLS_NEEDED, TYPES_UNKNOWN or MEMORY_UNREADABLE. */
export function* readVerifierLog(
  kernel: ObjectKernel,
  kind: VerifierLogKind,
  { count = Number.POSITIVE_INFINITY, thread }: LogFilter = {},
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
  for (const records of walkBack(kernel, ring, order.newest)) {
    for (const record of records) {
      if (traces.length >= count) break;
      const trace = decode(kernel, kind, type, record);
      if (trace === undefined) missing++;
      else if (trace !== 'empty' && (thread === undefined || trace.thread === thread)) traces.push(trace);
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
  if (kind !== 'irql') return trace;
  const record = new Structure(type, target.memory, address);
  const irql = {
    old: record.number('OldIrql'),
    new: record.number('NewIrql'),
    processor: record.number('Processor'),
    tickCount: record.number('TickCount'),
  };
  return { ...trace, irql };
}
