import { DebuggerError, type Va } from '../base/index.ts';
import { describeListEnd, walkList } from '../types/index.ts';
import { MemberReader, type ObjectKernel } from '../windows/index.ts';

/** A request that was cancelled and is not completed yet: the verifier waits for it. */
export interface WatchedIrp {
  /** Its VF_WATCHDOG_IRP. */
  readonly address: Va;
  /** Undefined: not in the dump. */
  readonly irp: Va | undefined;
  /** When the verifier complains, in ticks of the clock, of which the low 32 bits are kept. */
  readonly dueTickCount: number | undefined;
  /** How long it waits in all. */
  readonly timeoutTicks: number | undefined;
  /** Number of the request's stack location that is followed. */
  readonly stackLocation: number | undefined;
  readonly inserted: boolean | undefined;
  /** Names of members whose bytes are not in the dump. */
  readonly missing: readonly string[];
}

/** The requests that Driver Verifier watches because they were cancelled. */
export interface WatchedIrps {
  readonly irps: readonly WatchedIrp[];
  /** Why the list is not whole; undefined: it is. */
  readonly trouble: string | undefined;
}

export const watchedIrpStructures = ['_VF_WATCHDOG_IRP'] as const;

/** More requests than a machine cancels at once. */
const maxIrps = 0x1_0000;

/**
 * Requests on the list at nt!VfWdIrpListHead, whose name and structure are those of PDBs of 7601 to 22000: all, or one.
 * Yields how many were read. Throws SYMBOLS_NEEDED or TYPES_UNKNOWN.
 */
export function* readWatchedIrps(kernel: ObjectKernel, irp?: Va): Generator<number, WatchedIrps> {
  const type = kernel.structures.find('_VF_WATCHDOG_IRP');
  if (type === undefined) throw kernel.structures.unknown('_VF_WATCHDOG_IRP');
  const head = kernel.symbols.findAddress('nt!VfWdIrpListHead');
  if (head === undefined)
    throw new DebuggerError(
      'SYMBOLS_NEEDED',
      'which cancelled IRPs are watched is not known: there are no symbols for nt!VfWdIrpListHead',
    );
  const { memory, pointerSize } = kernel.target;
  const linkOffset = type.offset('ListEntry') ?? 0;
  const walk = walkList(memory, head, { pointerSize, linkOffset, limit: maxIrps });
  const irps: WatchedIrp[] = [];
  for (let step = walk.next(); ; step = walk.next()) {
    // A head of zeros was never used.
    if (step.done === true)
      return { irps, trouble: step.value.kind === 'empty-head' ? undefined : describeListEnd(step.value) };
    const watched = readWatched(kernel, step.value.at);
    if (irp === undefined || watched.irp === irp) irps.push(watched);
    yield irps.length;
  }
}

function readWatched(kernel: ObjectKernel, address: Va): WatchedIrp {
  const read = new MemberReader(kernel.structures.at('_VF_WATCHDOG_IRP', address));
  const inserted = read.number('inserted', 'Inserted');
  return {
    address,
    irp: read.pointer('irp', 'Irp'),
    dueTickCount: read.number('dueTickCount', 'DueTickCount'),
    timeoutTicks: read.number('timeoutTicks', 'CancelTimeoutTicks'),
    stackLocation: read.number('stackLocation', 'TrackedStackLocation'),
    inserted: inserted === undefined ? undefined : inserted !== 0,
    missing: read.missing,
  };
}
