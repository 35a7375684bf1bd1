import { type Pfn, pageOf, type Va } from '@poolscope/engine/base';
import type { ImageSpec } from '../image/image-spec.ts';
import type { BootedKernel } from '../machine/kernel-boot.ts';
import type { PoolSpans } from '../machine/machine-pool.ts';
import type { Platform } from '../machine/platform.ts';
import type { KernelProfile } from '../machine/profiles/profile.ts';
import type { PageRun } from '../memory/page-source.ts';
import type { KernelPool } from '../pool/index.ts';

/** Where things are in a machine that has to be at certain addresses. */
export interface MachinePlaces {
  readonly build: number;
  /** As many pages of RAM as the story needs. */
  readonly memoryPages?: number;
  readonly highMemory?: PageRun;
  /** Pages that are given to nobody else. */
  readonly keptPages?: readonly Pfn[];
  readonly kernelImage: Va;
  readonly halImage: Va;
  /** The first address above the trap frame of a system call. */
  readonly stackTop: Va;
  /** Where a system call comes from, in user mode. */
  readonly user?: { readonly ip: Va; readonly sp: Va };
  readonly pools?: PoolSpans;
  /** Function at whose beginning the machine stands when a debugger is attached; nt!KeBugCheckEx when absent. */
  readonly stopsAt?: string;
  /** The machine is a virtual one, whose page faults come without the resume flag. */
  readonly hasHypervisor?: boolean;
  /** Puts functions and variables of the images to their places. */
  arrange(images: readonly ImageSpec[]): readonly ImageSpec[];
  /** What is done when the kernel is in memory and nothing else is. */
  readonly prepare?: (kernel: BootedKernel) => void;
  /** The same when the pool is there too, before objects of drivers are made. */
  readonly preparePool?: (pool: KernelPool) => void;
  /** The same before drivers are loaded. */
  readonly prepareLoad?: (kernel: BootedKernel) => void;
}

/** The platform whose kernel and process are where they have to be. */
export function placedPlatform(platform: Platform, places: MachinePlaces | undefined): Platform {
  if (places === undefined) return platform;
  const { kernelImage, halImage, user } = places;
  const placed = withAddresses(platform, { kernelImage, halImage });
  if (user === undefined) return placed;
  const { ip, sp } = user;
  const userOffsets = {
    code: Number(ip & 0xfffn) - platform.userCode.returnOffset,
    stack: Number(sp & 0xfffn),
  };
  return { ...withAddresses(placed, { userImage: pageOf(ip), userStack: pageOf(sp) }), userOffsets };
}

function withAddresses(platform: Platform, addresses: Partial<KernelProfile['addresses']>): Platform {
  const { profile } = platform;
  return { ...platform, profile: { ...profile, addresses: { ...profile.addresses, ...addresses } } };
}
