import { u32Bytes, u64Bytes, utf16Bytes } from '../bytes/integers.ts';
import type { KernelWorld } from './kernel-world.ts';

/** Offsets in KUSER_SHARED_DATA; the same in all Windows. Source: PDB types of Windows 7 to 10. */
const offsets = {
  InterruptTime: 0x08,
  SystemTime: 0x14,
  NtSystemRoot: 0x30,
  NtBuildNumber: 0x260,
  NtProductType: 0x264,
  ProductTypeIsValid: 0x268,
  NtMajorVersion: 0x26c,
  NtMinorVersion: 0x270,
  SuiteMask: 0x2d0,
  TickCount: 0x320,
} as const;

export interface SharedDataFacts {
  readonly systemTime: bigint;
  readonly upTime: bigint;
  readonly productType: number;
  readonly suiteMask: number;
}

/** KSYSTEM_TIME: low u32, high u32 twice. */
function systemTime(value: bigint): Uint8Array {
  const bytes = new Uint8Array(12);
  bytes.set(u64Bytes(value));
  bytes.set(bytes.subarray(4, 8), 8);
  return bytes;
}

/** Length of a clock tick in 100 ns. */
const tick = 156_250n;

/** The page that the kernel shares with every process. */
export function writeSharedUserData(world: KernelWorld, facts: SharedDataFacts): void {
  const va = world.profile.addresses.sharedData;
  world.space.allocate(va, 0x1000, { writable: true });
  const put = (name: keyof typeof offsets, bytes: Uint8Array): void =>
    world.space.write(va + BigInt(offsets[name]), bytes);
  put('InterruptTime', systemTime(facts.upTime));
  put('SystemTime', systemTime(facts.systemTime));
  put('NtSystemRoot', utf16Bytes('C:\\Windows', true));
  put('NtBuildNumber', u32Bytes(world.profile.build));
  put('NtProductType', u32Bytes(facts.productType));
  put('ProductTypeIsValid', Uint8Array.of(1));
  const [major, minor] = world.profile.version ?? [10, 0];
  put('NtMajorVersion', u32Bytes(major));
  put('NtMinorVersion', u32Bytes(minor));
  put('SuiteMask', u32Bytes(facts.suiteMask));
  put('TickCount', systemTime(facts.upTime / tick));
}
