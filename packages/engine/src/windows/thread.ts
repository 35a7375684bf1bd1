import type { Va } from '../base/index.ts';
import type { DebuggerData } from './debugger-data.ts';
import type { Target } from './target.ts';

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

/** Blocks before Windows 8.1 lack the two offsets; InitialStack serves as the base there, its neighbour as the limit. */
function stackBounds(target: Target, data: DebuggerData): { limit: number; base: number } | undefined {
  const initial = data.offset('OffsetKThreadInitialStack');
  return initial === undefined ? undefined : { base: initial, limit: initial + target.pointerSize };
}

/** A process as far as its name can be told without symbols. */
export interface Process {
  readonly address: Va;
  /** Image name: at most 14 or 15 characters. */
  readonly name: string | undefined;
  readonly directoryTableBase: bigint | undefined;
}

/**
 * EPROCESS.ImageFileName over the builds, x64 newest first. Source: PDB types XP to Windows 11; 0x338 is seen in real
 * dumps of build 26100, 0x560 in one of build 22000 (arm64).
 */
const nameOffsets = {
  x64: [0x338, 0x5a8, 0x450, 0x448, 0x438, 0x2e0, 0x238, 0x268],
  arm64: [0x560, 0x5a8, 0x450, 0x338],
  x86: [0x1ac, 0x17c, 0x170, 0x16c, 0x14c, 0x164, 0x174],
} as const;

export function readProcess(target: Target, data: DebuggerData | undefined, address: Va): Process {
  const offset = data?.offset('OffsetEprocessDirectoryTableBase');
  const base = offset === undefined ? undefined : target.readPointer(address + BigInt(offset));
  return { address, name: processName(target, address), directoryTableBase: base };
}

/** The name, when exactly one of the known places holds one: 15 bytes of text padded with NULs. */
function processName(target: Target, address: Va): string | undefined {
  const found = new Set<string>();
  for (const offset of nameOffsets[target.machine]) {
    const bytes = target.readBytes(address + BigInt(offset), 15);
    const name = bytes === undefined ? undefined : paddedName(bytes);
    if (name !== undefined) found.add(name);
  }
  return found.size === 1 ? [...found][0] : undefined;
}

function paddedName(bytes: Uint8Array): string | undefined {
  const end = bytes.indexOf(0);
  const length = end < 0 ? bytes.length : end;
  const text = String.fromCharCode(...bytes.subarray(0, length));
  if (length < 3 || !/^[\x20-\x7e]+$/.test(text) || !/[A-Za-z]{2}/.test(text)) return undefined;
  return bytes.subarray(length).every((byte) => byte === 0) ? text : undefined;
}

/** Is `va` in the user half of the address space? 32-bit systems are taken to split at 2 GB. */
export const isUserAddress = (target: Target, va: Va): boolean =>
  target.machine === 'x86' ? va < 0x8000_0000n : va < 1n << 47n;
