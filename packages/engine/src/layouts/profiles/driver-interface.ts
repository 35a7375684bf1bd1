import type { Profile } from './profile.ts';
import type { ProfileStructure } from './series.ts';

/**
 * Structures that drivers are compiled against: their layout is fixed by the public headers (wdm.h, ntddk.h) for all
 * processors with the same size of pointers. Those of DEVOBJ_EXTENSION behind its third member are private.
 */
export const driverInterface: ReadonlySet<string> = new Set([
  ...['_DRIVER_OBJECT', '_DRIVER_EXTENSION', '_DEVICE_OBJECT', '_DEVOBJ_EXTENSION', '_FILE_OBJECT'],
  ...['_IRP', '_IO_STACK_LOCATION', '_IO_STATUS_BLOCK', '_MDL', '_VPB', '_FAST_IO_DISPATCH'],
  ...['_KDEVICE_QUEUE', '_KDEVICE_QUEUE_ENTRY', '_DISPATCHER_HEADER', '_KEVENT'],
  ...['_LIST_ENTRY', '_UNICODE_STRING', '_LARGE_INTEGER'],
]);

/** Members of the driver interface that the public headers leave out. */
const privateMembers: Readonly<Record<string, readonly string[]>> = {
  _DRIVER_EXTENSION: [
    'ClientDriverExtension',
    'FsFilterCallbacks',
    'KseCallbacks',
    'DvCallbacks',
    'VerifierContext',
  ],
  _DEVOBJ_EXTENSION: [
    ...['PowerFlags', 'Dope', 'ExtensionFlags', 'DeviceNode', 'AttachedTo', 'StartIoCount', 'StartIoKey'],
    ...['StartIoFlags', 'Vpb', 'DependencyNode', 'DependentList', 'InterruptContext', 'InterruptCount'],
    ...['ProviderList', 'VerifierContext'],
  ],
};

/** Private structures that hardly change; between two profiles the members that both agree on hold. */
const steady: ReadonlySet<string> = new Set([
  ...['_OBJECT_HEADER', '_OBJECT_HEADER_CREATOR_INFO', '_OBJECT_HEADER_NAME_INFO', '_OBJECT_TYPE'],
  ...['_OBJECT_DIRECTORY', '_OBJECT_DIRECTORY_ENTRY', '_OBJECT_SYMBOLIC_LINK', '_IO_CLIENT_EXTENSION'],
  '_DEVICE_NODE',
]);

/** A structure that drivers share with the kernel, or one that hardly changes. */
export interface SharedStructure {
  readonly structure: ProfileStructure;
  /** Where the layout comes from, as half a sentence. */
  readonly source: string;
  /** Does it hold for this build? Otherwise the build is newer than all where it was seen. */
  readonly isSeen: boolean;
}

/** Where those of the driver interface come from. */
export const fixed = 'driver interface of Windows, the same in every build';

/**
 * Structures of the driver interface, for builds and processors with pointers of 64 bits that have no profile of their own;
 * on x64 also those of the object manager.
 */
export class WideStructures {
  readonly #complete: readonly Profile[];

  /** `profiles`: of x64, oldest first. */
  constructor(profiles: readonly Profile[]) {
    this.#complete = profiles.filter(({ isComplete }) => isComplete);
  }

  find(machine: 'x64' | 'arm64', build: number, name: string): SharedStructure | undefined {
    const between = machine === 'x64' ? this.#between(build, name) : undefined;
    if (between !== undefined) return between;
    const structure = this.#fixed(build, name);
    return structure && { structure, source: fixed, isSeen: true };
  }

  /** The headers give x64 and arm64 the same layouts; only what they show is taken. */
  #fixed(build: number, name: string): ProfileStructure | undefined {
    if (!driverInterface.has(name)) return undefined;
    const known = this.#complete;
    const structure = (known.findLast((profile) => profile.build <= build) ?? known[0])?.structure(name);
    const hidden = privateMembers[name];
    if (structure === undefined || hidden === undefined) return structure;
    return { ...structure, members: structure.members.filter(({ path }) => !hidden.includes(path)) };
  }

  /** What the profiles before and after a build agree on. */
  #between(build: number, name: string): SharedStructure | undefined {
    if (!steady.has(name) && !driverInterface.has(name)) return undefined;
    const known = this.#complete;
    const before = known.findLast((profile) => profile.build < build);
    const after = known.find((profile) => profile.build > build);
    const [old, young] = [before?.structure(name), after?.structure(name)];
    if (old === undefined || young === undefined) return undefined;
    const places = new Map(old.members.map(({ path, type, offset }) => [path, `${type} ${offset}`]));
    const members = young.members.filter(
      ({ path, type, offset }) => places.get(path) === `${type} ${offset}`,
    );
    const source = `built-in profiles of builds ${before!.build} and ${after!.build}, as far as they agree`;
    return { structure: { name, size: Math.min(old.size, young.size), members }, source, isSeen: true };
  }
}
