import type { Va } from '@poolscope/engine/base';
import type { BuiltImage } from '../image/built-image.ts';
import type { Architecture } from '../image/image-spec.ts';
import type { KernelWorld } from './kernel-world.ts';
import type { LoadedImages } from './loaded-images.ts';
import type { WaitKind } from './object-figures.ts';
import type { DamagedPage } from './pool-page.ts';
import type { KernelStack } from './processes.ts';
import type { KernelProfile } from './profiles/profile.ts';
import type { FaultTruth, Registers, TrueFrame } from './truth.ts';

/**
 * Which way the machine dies.
 * - `service-exception`: 0x3B, a system call follows a damaged pool link (general protection fault)
 * - `page-fault`: 0xD1, a driver writes to an address that is not mapped
 * - `pool-free`: 0x19, freeing a block whose neighbour is damaged; no trap is on the stack
 * - `system-thread`: 0x7E, the same fault as the first, in a thread of the kernel
 */
export type CrashKind = 'service-exception' | 'page-fault' | 'pool-free' | 'system-thread';

/** What a crash can use of the machine. */
export interface CrashSite {
  readonly world: KernelWorld;
  readonly loaded: LoadedImages;
  readonly stack: KernelStack;
  /** Where the thread was in user mode. */
  readonly user: { readonly ip: Va; readonly sp: Va };
  readonly pool: DamagedPage;
}

/** What a crash leaves. */
export interface Crash {
  readonly code: number;
  readonly parameters: readonly Va[];
  /** Registers at the entry of nt!KeBugCheckEx. */
  readonly registers: Registers;
  readonly stackPointer: Va;
  readonly frames: readonly TrueFrame[];
  readonly fault: FaultTruth | undefined;
  /** For KTHREAD.TrapFrame. */
  readonly trapFrame: Va | undefined;
  readonly irql: number;
  /** Address that the processor named when it took the fault (CR2); 0 when it named none. */
  readonly faultAddress: Va;
}

/** What a wait can use of the machine. */
export type WaitSite = Pick<CrashSite, 'world' | 'loaded' | 'stack' | 'user'>;

/** A thread as the switch to another one left it. */
export interface SwitchedThread {
  /** For KTHREAD.KernelStack. */
  readonly kernelStack: Va;
  /** From the caller of nt!SwapContext on. */
  readonly frames: readonly TrueFrame[];
  /** For KTHREAD.TrapFrame, of a thread that came from user mode. */
  readonly trapFrame: Va | undefined;
}

/** Everything about a machine that depends on its processor. */
export interface Platform {
  readonly architecture: Architecture;
  readonly profile: KernelProfile;
  readonly machineType: number;
  readonly vendor: string;
  /** Bytes of a CONTEXT, and of the room that PRCB.Context has. */
  readonly contextRoom: number;
  /** Kernel first. */
  buildImages(): readonly BuiltImage[];
  crash(kind: CrashKind, site: CrashSite): Crash;
  /** A thread that was switched away from in the middle of a wait. */
  wait(kind: WaitKind, site: WaitSite): SwitchedThread;
  /** A processor that has nothing to do. */
  idle(world: KernelWorld, loaded: LoadedImages, stack: KernelStack): Registers;
  stackPointer(registers: Registers): Va;
  context(registers: Registers): Uint8Array;
  /** A few instructions of user mode that end in a system call: bytes, and offset of the return address. */
  readonly userCode: { readonly bytes: Uint8Array; readonly returnOffset: number };
  /** Offsets in their pages of that code and of the stack pointer, where they are not the usual ones. */
  readonly userOffsets?: { readonly code: number; readonly stack: number };
}
