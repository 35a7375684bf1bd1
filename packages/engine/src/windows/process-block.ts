import type { Va } from '../base/index.ts';
import type { VirtualMemory } from '../mmu/index.ts';
import { dispatcherTypes, readDispatcherType } from './dispatcher-object.ts';
import { type HandleCount, readHandleCount } from './handle-count.ts';
import type { Kernel } from './kernel.ts';
import { MemberReader } from './member-reader.ts';
import { processLinkOffset } from './process-list.ts';
import { readSessionId } from './session-id.ts';
import { readProcess } from './thread.ts';

/** A process as it is listed. Undefined: where the build keeps it is not known, or (in `missing`) it is not in the dump. */
export interface ProcessBlock {
  readonly address: Va;
  readonly id: bigint | undefined;
  readonly parentId: bigint | undefined;
  readonly sessionId: number | 'none' | undefined;
  readonly peb: Va | undefined;
  readonly directoryTableBase: bigint | undefined;
  readonly objectTable: Va | undefined;
  readonly handles: HandleCount | undefined;
  /** At most 15 characters. */
  readonly imageName: string | undefined;
  /** Names of those above whose bytes are not in the dump. */
  readonly missing: readonly string[];
}

/** The structures that it is read from. */
export const processStructures = ['_EPROCESS'] as const;

/** Does the object at `va` say that it is a process? Undefined when its bytes are not in the dump. */
export function isProcess(kernel: Pick<Kernel, 'target'>, va: Va): boolean | undefined {
  const type = readDispatcherType(kernel, va);
  return type === undefined ? undefined : type === dispatcherTypes.process;
}

/** Reads an EPROCESS; `own` is memory as that process sees it, where that is known. */
export function readProcessBlock(kernel: Kernel, address: Va, own?: VirtualMemory): ProcessBlock {
  const { target, data, structures } = kernel;
  // In a build whose layout is not known it tells where the ID is, too.
  processLinkOffset(kernel);
  const missing: string[] = [];
  const known = readProcess(target, data?.value, address, structures.types);
  const read =
    structures.find('_EPROCESS') === undefined
      ? undefined
      : new MemberReader(structures.at('_EPROCESS', address), missing);
  const objectTable = read?.pointer('objectTable', 'ObjectTable');
  const handles = objectTable === undefined ? undefined : readHandleCount(kernel, objectTable);
  if (objectTable !== undefined && handles === undefined && structures.find('_HANDLE_TABLE') !== undefined)
    missing.push('handles');
  return {
    address,
    id: read?.pointer('id', 'UniqueProcessId'),
    parentId: read?.pointer('parentId', 'InheritedFromUniqueProcessId'),
    sessionId: readSessionId(kernel, address, own),
    peb: read?.pointer('peb', 'Peb'),
    directoryTableBase:
      known.directoryTableBase ?? read?.bigint('directoryTableBase', 'Pcb.DirectoryTableBase'),
    objectTable,
    handles,
    imageName: known.name?.value,
    missing,
  };
}
