import { type Control, Driver } from '../run/driver.ts';
import type { Routine } from '../run/routine.ts';
import { controlCode } from './control-code.ts';

/** Codes of the device controls of BlockCache. */
export const blockCacheControls = {
  /** Input: u32 bytes. */
  allocate: controlCode(0x11),
  /** Frees the newest block. */
  freeNewest: controlCode(0x12),
} as const;

const nonPaged = 0;
/** `Bcch` */
export const blockCacheTag = 0x6863_6342;
const slots = 512;

/** A driver that does nothing wrong: it keeps blocks of nonpaged pool. */
export class BlockCache extends Driver {
  override readonly name = 'blkcache';
  override readonly globals = { NextSlot: 8, Slots: 8 * slots };

  override entry(routine: Routine): void {
    routine.store(this.global('NextSlot'), 0, this.global('Slots'));
  }

  /** A worker that takes a block of as many bytes as its argument says. */
  override routines(): Readonly<Record<string, (routine: Routine) => void>> {
    return {
      BlkcacheWorker: (routine) => {
        const bytes = routine.argument(1);
        const block = routine.result('nt!ExAllocatePoolWithTag', nonPaged, bytes, blockCacheTag);
        routine.fill(block, 0, bytes);
        routine.call('nt!ExFreePoolWithTag', block, blockCacheTag);
      },
    };
  }

  override controls(): readonly Control[] {
    return [
      {
        code: blockCacheControls.allocate,
        body: (routine, { buffer }) => {
          const size = routine.load(buffer, 0, 4);
          const block = routine.result('nt!ExAllocatePoolWithTag', nonPaged, size, blockCacheTag);
          const slot = routine.load(this.global('NextSlot'));
          routine.store(slot, 0, block);
          routine.add(slot, 8);
          routine.store(this.global('NextSlot'), 0, slot);
        },
      },
      {
        code: blockCacheControls.freeNewest,
        body: (routine) => {
          const slot = routine.load(this.global('NextSlot'));
          routine.add(slot, -8);
          routine.store(this.global('NextSlot'), 0, slot);
          const block = routine.load(slot);
          routine.call('nt!ExFreePoolWithTag', block, blockCacheTag);
        },
      },
    ];
  }
}
