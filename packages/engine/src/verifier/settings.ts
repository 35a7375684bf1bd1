import { DebuggerError, describeFault, Fault, padHex, type Va } from '../base/index.ts';
import { MemberReader, type ObjectKernel } from '../windows/index.ts';
import { describeLevel, type VerifierOption } from './flags.ts';

/** Counters of all verified drivers together; undefined: not in the dump, or this build has no such counter. */
export interface VerifierStatistics {
  readonly raiseIrqls: number | undefined;
  readonly acquireSpinLocks: number | undefined;
  readonly synchronizeExecutions: number | undefined;
  readonly trims: number | undefined;
  readonly allocationsAttempted: number | undefined;
  readonly allocationsSucceeded: number | undefined;
  readonly allocationsSucceededSpecialPool: number | undefined;
  readonly allocationsWithNoTag: number | undefined;
  readonly allocationsFailed: number | undefined;
  readonly allocationsFailedDeliberately: number | undefined;
  readonly loads: number | undefined;
  readonly unloads: number | undefined;
  readonly paged: PoolCounters;
  readonly nonPaged: PoolCounters;
}

/** Allocations of one kind of pool: how many, of how many bytes, now and at most. */
export interface PoolCounters {
  readonly allocations: number | undefined;
  readonly bytes: bigint | undefined;
  readonly peakAllocations: number | undefined;
  readonly peakBytes: bigint | undefined;
}

/** What Driver Verifier was told to do, and what it counted. */
export interface VerifierSettings {
  /** nt!MmVerifierData. */
  readonly address: Va;
  /** How the address is known. */
  readonly from: string;
  /** Bits of the options that are on; 0: it was off. */
  readonly level: number;
  readonly options: readonly VerifierOption[];
  /** Bits of the level that have no name here. */
  readonly unknownBits: number;
  readonly statistics: VerifierStatistics;
  /** Names of counters whose bytes are not in the dump. */
  readonly missing: readonly string[];
}

/** The structures that it is read from. */
export const settingsStructures = ['_MM_DRIVER_VERIFIER_DATA'] as const;

/** Reads nt!MmVerifierData. Throws MEMORY_UNREADABLE or TYPES_UNKNOWN. */
export function readVerifierSettings(kernel: ObjectKernel): VerifierSettings {
  const { address, from } = placeOf(kernel);
  const level = kernel.target.memory.tryReadU32(address);
  if (level instanceof Fault) throw unreadable(kernel, address, describeFault(level));
  const read = new MemberReader(kernel.structures.at('_MM_DRIVER_VERIFIER_DATA', address));
  const { options, unknown } = describeLevel(level, kernel.target.dump.header.build);
  return {
    address,
    from,
    level,
    options,
    unknownBits: unknown,
    statistics: readStatistics(read),
    missing: read.missing,
  };
}

function placeOf({ data, symbols }: ObjectKernel): { readonly address: Va; readonly from: string } {
  const named = data?.value.address('MmVerifierData');
  if (named !== undefined) return { address: named, from: 'the debugger data block' };
  const symbol = symbols.findAddress('nt!MmVerifierData');
  if (symbol !== undefined) return { address: symbol, from: 'symbols' };
  const why =
    data === undefined ? 'this dump has no debugger data block' : 'its debugger data block does not name it';
  throw new DebuggerError('MEMORY_UNREADABLE', `where nt!MmVerifierData is, is not known: ${why}`);
}

/** In the debugger's words, and why. */
function unreadable({ target }: ObjectKernel, address: Va, why: string): DebuggerError {
  const digits = target.pointerSize * 2;
  const place = padHex(BigInt.asUintN(digits * 4, address), digits);
  return new DebuggerError(
    'MEMORY_UNREADABLE',
    `${place}: Unable to get verifier list: nt!MmVerifierData cannot be read, ${why}`,
  );
}

function readStatistics(read: MemberReader): VerifierStatistics {
  const number = (name: string, member: string) => read.number(name, member);
  return {
    raiseIrqls: number('raiseIrqls', 'RaiseIrqls'),
    acquireSpinLocks: number('acquireSpinLocks', 'AcquireSpinLocks'),
    synchronizeExecutions: number('synchronizeExecutions', 'SynchronizeExecutions'),
    trims: number('trims', 'Trims'),
    allocationsAttempted: number('allocationsAttempted', 'AllocationsAttempted'),
    allocationsSucceeded: number('allocationsSucceeded', 'AllocationsSucceeded'),
    allocationsSucceededSpecialPool: number(
      'allocationsSucceededSpecialPool',
      'AllocationsSucceededSpecialPool',
    ),
    allocationsWithNoTag: number('allocationsWithNoTag', 'AllocationsWithNoTag'),
    allocationsFailed: number('allocationsFailed', 'AllocationsFailed'),
    allocationsFailedDeliberately: number('allocationsFailedDeliberately', 'AllocationsFailedDeliberately'),
    loads: number('loads', 'Loads'),
    unloads: number('unloads', 'Unloads'),
    paged: readPoolCounters(read, 'Paged'),
    nonPaged: readPoolCounters(read, 'NonPaged'),
  };
}

/** The same members count for all drivers together and for each of them. */
export function readPoolCounters(read: MemberReader, kind: 'Paged' | 'NonPaged'): PoolCounters {
  const name = kind === 'Paged' ? 'paged' : 'nonPaged';
  return {
    allocations: read.number(`${name}.allocations`, `Current${kind}PoolAllocations`),
    bytes: read.bigint(`${name}.bytes`, `${kind}Bytes`),
    peakAllocations: read.number(`${name}.peakAllocations`, `Peak${kind}PoolAllocations`),
    peakBytes: read.bigint(`${name}.peakBytes`, `Peak${kind}Bytes`),
  };
}
