import { Fault, type Va } from '../base/index.ts';
import type { Kernel } from './kernel.ts';

/** KUSER_SHARED_DATA, which the kernel has at the same address in every build, and its tick count (u64). */
const sharedData: Readonly<Record<Kernel['target']['machine'], Va>> = {
  x64: 0xffff_f780_0000_0000n,
  arm64: 0xffff_f780_0000_0000n,
  x86: 0xffff_ffff_ffdf_0000n,
};
/** TickCountQuad. Source: PDB types of Windows 7 to 11. */
const tickCountOffset = 0x320n;

/** How the kernel counts time. */
export interface KernelClock {
  /** Hundreds of nanoseconds between two ticks; undefined when the variable is not in the dump. */
  readonly tick: number | undefined;
  /** Ticks since the machine started. */
  readonly ticks: bigint | undefined;
  /** FILETIME of the crash. */
  readonly now: bigint | undefined;
}

export function readKernelClock({ target, data }: Pick<Kernel, 'target' | 'data'>): KernelClock {
  const variable = data?.value.address('KeTimeIncrement');
  const tick = variable === undefined ? undefined : target.readU32(variable);
  const ticks = target.memory.tryReadU64(sharedData[target.machine] + tickCountOffset);
  return {
    // A tick of more than a second is none.
    tick: tick === 0 || (tick ?? 0) > 10_000_000 ? undefined : tick,
    ticks: ticks instanceof Fault ? undefined : ticks,
    now: target.dump.header.systemTime,
  };
}
