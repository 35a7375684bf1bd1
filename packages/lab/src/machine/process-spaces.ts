import { type Pfn, pageSize, type Va } from '@poolscope/engine/base';
import { u32Bytes } from '../bytes/integers.ts';
import type { AddressSpace } from '../memory/address-space.ts';
import type { ListedProcess } from './bystanders.ts';
import type { BootedKernel } from './kernel-boot.ts';
import { PlantedStructure, type StructureTable } from './structure-table.ts';

/** A process's own memory: its page tables, and what lies at the same addresses in each of them. */
export interface ProcessSpace {
  /** Contents of the process's DirectoryTableBase. */
  readonly directoryTableBase: bigint;
  /** An address of user mode that holds the process's ID as u32 in every process that has user memory. */
  readonly marker: Va | undefined;
}

/** Where the marker is in the first page of the user stack. */
const markerOffset = 0x40n;
/** Windows sets a bit beside the root's address when it isolates user mode's tables. */
const isolated = 2n;

/**
 * Gives every process but System and the crashed one page tables of its own, marks all their memories, and maps session
 * space: the same address in all, one page a session. Only machines with four levels of tables have sessions here.
 */
export function giveSpaces(
  kernel: BootedKernel,
  tables: StructureTable,
  listed: readonly ListedProcess[],
  own: ReadonlyMap<ListedProcess['object'], AddressSpace>,
  rootOffset: number,
): ReadonlyMap<ListedProcess, ProcessSpace> {
  const sessions = new SessionSpaces(kernel, tables);
  return new Map(
    listed.map((process) => {
      const { object } = process;
      const known = own.get(object);
      const space = known ?? kernel.system.fork(rootOffset);
      const flags = known === undefined && space.tables.format.name === 'x64' ? isolated : 0n;
      const directoryTableBase = BigInt(space.tables.root) | flags;
      object.set('DirectoryTableBase', directoryTableBase);
      if (process.session !== undefined) sessions.map(process, space);
      return [process, { directoryTableBase, marker: mark(kernel, process, space) }];
    }),
  );
}

/** System has no user memory; that of the crashed process is there already. */
function mark(
  { system, platform }: BootedKernel,
  { id }: ListedProcess,
  space: AddressSpace,
): Va | undefined {
  if (space === system) return undefined;
  const { userStack } = platform.profile.addresses;
  space.allocate(userStack, 3 * pageSize, { user: true, writable: true });
  space.write(userStack + markerOffset, u32Bytes(id));
  return userStack + markerOffset;
}

class SessionSpaces {
  readonly #kernel: BootedKernel;
  readonly #tables: StructureTable;
  readonly #pages = new Map<number, Pfn>();

  constructor(kernel: BootedKernel, tables: StructureTable) {
    this.#kernel = kernel;
    this.#tables = tables;
  }

  map({ object, session }: ListedProcess, space: AddressSpace): void {
    const va = this.#kernel.platform.profile.addresses.sessionSpace;
    if (va === undefined || session === undefined || space.tables.format.name !== 'x64') return;
    const known = this.#pages.get(session);
    const pfn = known ?? space.memory.allocate('kernel');
    space.mapPage(va, pfn, { writable: true });
    const { system } = this.#kernel;
    if (known === undefined) {
      this.#pages.set(session, pfn);
      const at = this.#tables.offset('_MM_SESSION_SPACE', 'SessionId') ?? 0;
      space.write(va + BigInt(at), u32Bytes(session));
    }
    new PlantedStructure(system, this.#tables, '_EPROCESS', object.va).set({ Session: va });
  }
}
