import { DebuggerError, readU32, readU64AsNumber, type Va } from '../base/index.ts';
import type { StructureType } from '../types/index.ts';
import { findPoolRing, type VerifierKernel } from './find-pool-ring.ts';
import {
  findNewest,
  pointerAt,
  type RingOrder,
  ringBySymbols,
  stackOf,
  type TraceRing,
  walkBack,
} from './trace-ring.ts';

/** An allocation or a free, as the verifier logged it. */
export interface PoolTrace {
  /** Number of the record in the ring. */
  readonly slot: number;
  /** What the caller got, or gave back. */
  readonly address: Va;
  /** Bytes. */
  readonly size: number;
  /** ETHREAD of the caller. */
  readonly thread: Va;
  /** Return addresses, nearest first. */
  readonly stack: readonly Va[];
}

/** The log of allocations and frees of pool, newest first. */
export interface PoolLog {
  /** Undefined: nt has made none. */
  readonly ring: TraceRing | undefined;
  /** How the newest record is known. */
  readonly order: RingOrder | undefined;
  /** Those that were asked for. */
  readonly traces: readonly PoolTrace[];
  /** Records that are in use, of those that were looked at. */
  readonly used: number;
  /** Records whose bytes are not in the dump. */
  readonly missing: number;
}

/** Which records of the verifier's log of allocations are wanted. */
export interface PoolLogFilter {
  /** Only blocks that hold this address. */
  readonly address?: Va;
  /** So many of the newest. */
  readonly count?: number;
}

/** How far a reader is: what it found since the last step, and the number of records that it has looked at. */
export interface PoolLogStep {
  readonly traces: readonly PoolTrace[];
  readonly done: number;
  readonly ring: TraceRing;
  readonly order: RingOrder;
}

export const poolLogStructures = ['_VF_POOL_TRACE'] as const;

const names = { base: 'VfPoolTraces', length: 'VfPoolTracesLength', index: 'VfPoolTracesIndex' } as const;

/**
 * Reads the log of recent allocations and frees, newest first, in steps. The ring is found by symbols of nt, and without
 * them by its records, which a variable of nt points to. Throws TYPES_UNKNOWN or MEMORY_UNREADABLE, and where it is not
 * found VERIFIER_OFF, NOT_IN_TRIAGE_DUMP or SYMBOLS_NEEDED.
 */
export function* readPoolLog(
  kernel: VerifierKernel,
  { address, count = Number.POSITIVE_INFINITY }: PoolLogFilter = {},
): Generator<PoolLogStep | undefined, PoolLog> {
  const type = kernel.structures.find('_VF_POOL_TRACE');
  if (type === undefined) throw kernel.structures.unknown('_VF_POOL_TRACE');
  const ring = ringBySymbols(kernel, names, type) ?? (yield* findPoolRing(kernel, type));
  if (ring === 'empty') return { ring: undefined, order: undefined, traces: [], used: 0, missing: 0 };
  if (ring === undefined) throw notFound(kernel);
  const decode = decoderOf(type, kernel.target.pointerSize);
  const order = findNewest(kernel, ring, (bytes) => decode.isEmpty(bytes));
  const all: PoolTrace[] = [];
  let used = 0;
  let missing = 0;
  let done = 0;
  for (const records of walkBack(kernel, ring, order.newest)) {
    const traces: PoolTrace[] = [];
    for (const { slot, bytes } of records) {
      done++;
      if (bytes === undefined) missing++;
      else if (!decode.isEmpty(bytes)) {
        used++;
        if (address === undefined || decode.holds(bytes, address)) traces.push(decode.trace(bytes, slot));
      }
      if (all.length + traces.length >= count) break;
    }
    all.push(...traces);
    yield { traces, done, ring, order };
    if (all.length >= count) break;
  }
  return { ring, order, traces: all, used, missing };
}

/** Special pool and pool tracking: without them nothing is logged. */
const loggingFlags = 0x1 | 0x8;

function notFound({ target, data }: VerifierKernel): DebuggerError {
  if (target.memory.kind === 'blocks')
    return new DebuggerError('NOT_IN_TRIAGE_DUMP', 'a small dump does not keep the log of pool allocations');
  const settings = data?.value.address('MmVerifierData');
  const level = settings === undefined ? undefined : target.readU32(settings);
  if (level !== undefined && (level & loggingFlags) === 0)
    return new DebuggerError(
      'VERIFIER_OFF',
      `there is no log of pool allocations: it needs special pool or pool tracking, and the level is ${level.toString(16)}`,
    );
  return new DebuggerError(
    'SYMBOLS_NEEDED',
    'where the log of pool allocations is, is not known: there are no symbols for nt!VfPoolTraces, and no variable of nt leads to records of its form',
  );
}

/** Reads records by the offsets of this build. */
function decoderOf(type: StructureType, pointerSize: 4 | 8) {
  const [addressAt, sizeAt, threadAt] = ['Address', 'Size', 'Thread'].map(
    (name) => type.offset(name) ?? 0,
  ) as [number, number, number];
  const sizeOf = (bytes: Uint8Array): number =>
    pointerSize === 8 ? readU64AsNumber(bytes, sizeAt) : readU32(bytes, sizeAt);
  return {
    isEmpty: (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0),
    holds(bytes: Uint8Array, address: Va): boolean {
      const start = pointerAt(bytes, addressAt, pointerSize);
      // A record of 0 bytes is of its own address.
      return address >= start && address < start + BigInt(Math.max(1, sizeOf(bytes)));
    },
    trace: (bytes: Uint8Array, slot: number): PoolTrace => ({
      slot,
      address: pointerAt(bytes, addressAt, pointerSize),
      size: sizeOf(bytes),
      thread: pointerAt(bytes, threadAt, pointerSize),
      stack: stackOf(bytes, type, pointerSize),
    }),
  };
}
