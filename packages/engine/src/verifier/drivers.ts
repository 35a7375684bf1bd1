import { DebuggerError, type Va } from '../base/index.ts';
import { type Structure, walkList } from '../types/index.ts';
import { MemberReader, type ObjectKernel } from '../windows/index.ts';
import { walkAvlTables } from './avl-tables.ts';
import { type PoolCounters, readPoolCounters } from './settings.ts';

/** A driver that was chosen to be verified. */
export interface SuspectDriver {
  /** Its VF_SUSPECT_DRIVER_ENTRY. */
  readonly address: Va;
  /** `myfault.sys`; undefined: not in the dump. */
  readonly name: string | undefined;
  readonly loads: number | undefined;
  readonly unloads: number | undefined;
}

/** A driver in memory that the verifier follows. */
export interface VerifiedDriver {
  /** Its VF_TARGET_DRIVER. */
  readonly address: Va;
  /** Where its image is, or was. */
  readonly base: Va | undefined;
  readonly size: bigint | undefined;
  /** What is counted of it: VF_TARGET_VERIFIED_DRIVER_DATA. */
  readonly dataAddress: Va;
  readonly suspect: SuspectDriver | undefined;
  readonly paged: PoolCounters;
  readonly nonPaged: PoolCounters;
  readonly contiguousBytes: bigint | undefined;
  readonly peakContiguousBytes: bigint | undefined;
  /** Names of members whose bytes are not in the dump. */
  readonly missing: readonly string[];
}

export interface VerifiedDrivers {
  readonly drivers: readonly VerifiedDriver[];
  /** All that were chosen, loaded or not. */
  readonly suspects: readonly SuspectDriver[];
  /** What could not be read, or was damaged, one sentence each. */
  readonly notes: readonly string[];
}

export const driverStructures = [
  '_VF_TARGET_DRIVER',
  '_VF_TARGET_VERIFIED_DRIVER_DATA',
  '_VF_SUSPECT_DRIVER_ENTRY',
  '_VF_AVL_TREE',
] as const;

const maxSuspects = 4096;

/**
 * The verified drivers, by nt!ViTargetDriversAvl and nt!VfSuspectDriversList, whose names and structures are those of
 * Windows 7 to 11. Throws SYMBOLS_NEEDED or TYPES_UNKNOWN.
 */
export function readVerifiedDrivers(kernel: ObjectKernel): VerifiedDrivers {
  const tree = symbol(kernel, 'ViTargetDriversAvl');
  const notes: string[] = [];
  const suspects = readSuspects(kernel, notes);
  const found = walkAvlTables(kernel, tree);
  notes.push(...found.notes);
  const drivers = found.elements.flatMap((address) => readDriver(kernel, address, suspects) ?? []);
  return { drivers, suspects, notes };
}

function symbol({ symbols }: ObjectKernel, name: string): Va {
  const va = symbols.findAddress(`nt!${name}`);
  if (va !== undefined) return va;
  throw new DebuggerError(
    'SYMBOLS_NEEDED',
    `which drivers are verified is not known: there are no symbols for nt!${name}`,
  );
}

function readSuspects(kernel: ObjectKernel, notes: string[]): SuspectDriver[] {
  const head = kernel.symbols.findAddress('nt!VfSuspectDriversList');
  const type = kernel.structures.find('_VF_SUSPECT_DRIVER_ENTRY');
  if (head === undefined || type === undefined) {
    notes.push('The list of chosen drivers is not known: it needs symbols and types of nt.');
    return [];
  }
  const { memory, pointerSize } = kernel.target;
  const walk = walkList(memory, head, {
    pointerSize,
    linkOffset: type.offset('Links') ?? 0,
    limit: maxSuspects,
  });
  const suspects: SuspectDriver[] = [];
  for (let step = walk.next(); ; step = walk.next()) {
    if (step.done === true) {
      if (step.value.kind !== 'complete' && step.value.kind !== 'empty-head')
        notes.push(
          `The list of chosen drivers is not whole: it ended after ${step.value.count} (${step.value.kind}).`,
        );
      return suspects;
    }
    suspects.push(readSuspect(kernel, step.value.at));
  }
}

function readSuspect(kernel: ObjectKernel, address: Va): SuspectDriver {
  const entry = kernel.structures.at('_VF_SUSPECT_DRIVER_ENTRY', address);
  return {
    address,
    name: entry.unicodeString('BaseName'),
    loads: entry.number('Loads'),
    unloads: entry.number('Unloads'),
  };
}

/** Undefined where the element leads to no data: it is of a driver that is not verified. */
function readDriver(
  kernel: ObjectKernel,
  address: Va,
  suspects: readonly SuspectDriver[],
): VerifiedDriver | undefined {
  const target = kernel.structures.at('_VF_TARGET_DRIVER', address);
  const dataAddress = target.pointer('VerifiedData');
  if (dataAddress === undefined || dataAddress === 0n) return undefined;
  const node = target.inner('TreeNode');
  const plain = node?.inner('Base') ?? node;
  const read = new MemberReader(kernel.structures.at('_VF_TARGET_VERIFIED_DRIVER_DATA', dataAddress));
  const suspectAt = read.pointer('suspect', 'SuspectDriverEntry');
  const listed = suspects.find((each) => each.address === suspectAt);
  const suspect = suspectAt === undefined || suspectAt === 0n ? undefined : readSuspect(kernel, suspectAt);
  return {
    address,
    base: plain?.pointer('p'),
    size: plain?.bigint('RangeSize'),
    dataAddress,
    suspect: listed ?? suspect,
    paged: readPoolCounters(read, 'Paged'),
    nonPaged: readPoolCounters(read, 'NonPaged'),
    contiguousBytes: read.bigint('contiguousBytes', 'ContiguousMemoryBytes'),
    peakContiguousBytes: read.bigint('peakContiguousBytes', 'PeakContiguousMemoryBytes'),
    missing: read.missing,
  };
}

/** The pages of a driver's records of allocations, as a structure to read the list's head from. */
export const driverData = (kernel: ObjectKernel, { dataAddress }: VerifiedDriver): Structure =>
  kernel.structures.at('_VF_TARGET_VERIFIED_DRIVER_DATA', dataAddress);
