import type { Va } from '../base/index.ts';
import { profiles } from '../layouts/index.ts';
import type { KernelTypes } from '../types/index.ts';
import type { DebuggerData } from './debugger-data.ts';
import { type Sourced, sourced, type Target } from './target.ts';

/** What the debugger data block's offsets tell about a thread. */
export interface Thread {
  readonly address: Va;
  /** The process whose address space it ran in. */
  readonly process: Va | undefined;
  /** Lowest address of the kernel stack. */
  readonly stackLimit: Va | undefined;
  /** End of the kernel stack, exclusive. */
  readonly stackBase: Va | undefined;
  /** Stack pointer at the last switch away from it. */
  readonly kernelStack: Va | undefined;
}

export function readThread(target: Target, data: DebuggerData, address: Va): Thread {
  const pointer = (offset: number | undefined): Va | undefined => {
    const value = offset === undefined ? undefined : target.readPointer(address + BigInt(offset));
    return value === 0n ? undefined : value;
  };
  return {
    address,
    process: pointer(data.offset('OffsetKThreadApcProcess')),
    stackLimit: pointer(data.offset('OffsetKThreadStackLimit') ?? stackBounds(target, data)?.limit),
    stackBase: pointer(data.offset('OffsetKThreadStackBase') ?? stackBounds(target, data)?.base),
    kernelStack: pointer(data.offset('OffsetKThreadKernelStack')),
  };
}

/** Blocks of Windows 7 and before lack the two offsets; InitialStack serves as the base there, its neighbour as the limit. */
function stackBounds(target: Target, data: DebuggerData): { limit: number; base: number } | undefined {
  const initial = data.offset('OffsetKThreadInitialStack');
  return initial === undefined ? undefined : { base: initial, limit: initial + target.pointerSize };
}

/** A process as far as its name can be told without symbols. */
export interface Process {
  readonly address: Va;
  /** Image name: at most 15 characters. */
  readonly name: Sourced<string> | undefined;
  readonly directoryTableBase: bigint | undefined;
}

/**
 * Where EPROCESS.ImageFileName is in builds without a profile of their own: seen in real dumps (26100; 22000 on arm64),
 * the same in the profiles around (7600, 10586, up to 22631), or from PDB types (x86).
 */
const seenNameOffsets: Readonly<
  Record<Target['machine'], readonly (readonly [build: number, offset: number | undefined])[]>
> = {
  x64: [
    [26100, 0x338],
    [22632, undefined],
    [19041, 0x5a8],
    [10586, 0x450],
    [10241, undefined],
    [9200, 0x438],
    [7600, 0x2e0],
    [6000, 0x238],
  ],
  arm64: [
    [22001, undefined],
    [22000, 0x560],
  ],
  x86: [
    [18364, undefined],
    [17763, 0x17c],
    [9201, undefined],
    [7600, 0x16c],
    [6000, 0x14c],
  ],
};

export function readProcess(
  target: Target,
  data: DebuggerData | undefined,
  address: Va,
  types?: KernelTypes,
): Process {
  const offset = data?.offset('OffsetEprocessDirectoryTableBase');
  const base = offset === undefined ? undefined : target.readPointer(address + BigInt(offset));
  return { address, name: processName(target, address, types), directoryTableBase: base };
}

/** At the place of this build; where that is not known, the name when exactly one of the known places holds one. */
function processName(
  target: Target,
  address: Va,
  types: KernelTypes | undefined,
): Sourced<string> | undefined {
  const offset = nameOffset(target, types);
  if (offset !== undefined) {
    const name = nameAt(target, address, offset);
    return name === undefined ? undefined : sourced(name, 'EPROCESS.ImageFileName');
  }
  const found = [...knownNameOffsets(target)].flatMap((place) => {
    const name = nameAt(target, address, place);
    return name === undefined
      ? []
      : [sourced(name, `text at EPROCESS+0x${place.toString(16)}, where other builds have the name`)];
  });
  return found.length === 1 ? found[0] : undefined;
}

/** Of the profile where it holds for this build; members in front of the end of the structure stay where they are in updates. */
function nameOffset(target: Target, types: KernelTypes | undefined): number | undefined {
  const type = types?.find('_EPROCESS');
  const isOfBuild = type?.exact === true || type?.trust === 'update';
  const known = isOfBuild ? type.offset('ImageFileName') : undefined;
  const { build } = target.dump.header;
  return known ?? seenNameOffsets[target.machine].find(([first]) => build >= first)?.[1];
}

/** All places where some build has the name. */
function knownNameOffsets(target: Target): Set<number> {
  const seen = seenNameOffsets[target.machine].map(([, offset]) => offset);
  const ofProfiles = profiles
    .filter(({ machine }) => machine === target.machine)
    .map(
      (profile) =>
        profile.structure('_EPROCESS')?.members.find(({ path }) => path === 'ImageFileName')?.offset,
    );
  return new Set([...seen, ...ofProfiles].filter((offset) => offset !== undefined));
}

function nameAt(target: Target, address: Va, offset: number): string | undefined {
  const bytes = target.readBytes(address + BigInt(offset), 15);
  return bytes === undefined ? undefined : paddedName(bytes);
}

function paddedName(bytes: Uint8Array): string | undefined {
  const end = bytes.indexOf(0);
  const length = end < 0 ? bytes.length : end;
  const text = String.fromCharCode(...bytes.subarray(0, length));
  if (length < 3 || !/^[\x20-\x7e]+$/.test(text) || !/[A-Za-z]{2}/.test(text)) return undefined;
  return bytes.subarray(length).every((byte) => byte === 0) ? text : undefined;
}
