import { type Control, Driver } from '../run/driver.ts';
import type { Routine } from '../run/routine.ts';
import { controlCode } from './control-code.ts';

/** Device controls of `myfault`: what goes wrong. */
export const myfaultControls = {
  overrunText: controlCode(0x01),
  overrunByte: controlCode(0x02),
  doubleFree: controlCode(0x03),
  writeAfterFree: controlCode(0x04),
  bitMap: controlCode(0x05),
  nullRead: controlCode(0x06),
  highIrql: controlCode(0x07),
  breakpoint: controlCode(0x08),
  leakNonPaged: controlCode(0x09),
  leakPaged: controlCode(0x0a),
  wildWrite: controlCode(0x0b),
  codeOverwrite: controlCode(0x0c),
  freeLast: controlCode(0x0d),
  freeInside: controlCode(0x0e),
  freeWrongTag: controlCode(0x14),
  pagedAtHighIrql: controlCode(0x15),
  writeBefore: controlCode(0x10),
  keepBlock: controlCode(0x12),
  writeKept: controlCode(0x13),
  overrunOddBlock: controlCode(0x16),
  copyFreed: controlCode(0x17),
  overrunRest: controlCode(0x1a),
  zeroBytes: controlCode(0x18),
  readBehind: controlCode(0x19),
} as const;

const nonPaged = 0;
const paged = 1;
const blockSize = 0x800;
/** No multiple of what blocks are aligned to. */
export const oddBlockSize = 0x7d3;
const tag = 0x746c_6646;
const bitMapTag = 0x6d42_6646;

/** Fills the block, and 48 bytes behind it with its closing NUL: the next header, both links of a free block, and more. */
const overflowText = `${'O'.repeat(blockSize + 0x30 - 1 - 'VERFLOW'.length - 1)}OVERFLOW`;

/** A driver that does on purpose what others do by mistake. */
export class Myfault extends Driver {
  override readonly name = 'myfault';
  override readonly globals = { LastBlock: 8, SavedIrql: 8 };
  override readonly texts = { OverflowText: overflowText };

  /** Blocks that are left are not freed. */
  override unload(routine: Routine): void {
    routine.store(this.global('LastBlock'), 0, 0);
  }

  override controls(): readonly Control[] {
    return [
      ...this.#overruns(),
      ...this.#frees(),
      ...this.#keptPointers(),
      ...this.#plainFaults(),
      ...this.#leaks(),
      ...this.#watchedFaults(),
      {
        code: myfaultControls.codeOverwrite,
        body: (routine) => routine.store({ symbol: 'DriverEntry' }, 0, 0x9090_9090, 4),
      },
    ];
  }

  #overruns(): Control[] {
    return [
      {
        code: myfaultControls.overrunText,
        body: (routine) => {
          const block = routine.result('nt!ExAllocatePool', nonPaged, blockSize);
          routine.copyText(block, this.text('OverflowText'));
          routine.store(this.global('LastBlock'), 0, block);
        },
      },
      {
        // A loop that goes once too often.
        code: myfaultControls.overrunByte,
        body: (routine) => {
          const block = routine.result('nt!ExAllocatePoolWithTag', nonPaged, blockSize, tag);
          routine.fill(block, 0x41, blockSize + 1);
          routine.store(this.global('LastBlock'), 0, block);
        },
      },
      {
        // A header of the driver's own is written where it would be if the block had one.
        code: myfaultControls.writeBefore,
        body: (routine) => {
          const block = routine.result('nt!ExAllocatePoolWithTag', nonPaged, blockSize, tag);
          routine.store(block, -8, 0x1122_3344);
          routine.store(block, -0x10, 0x5566_7788, 4);
          routine.store(this.global('LastBlock'), 0, block);
        },
      },
      {
        // A number that the map has no bit for.
        code: myfaultControls.bitMap,
        body: (routine) => {
          const map = routine.result('nt!ExAllocatePoolWithTag', nonPaged, 0x200, bitMapTag);
          routine.fill(map, 0, 0x200);
          const bit = routine.variable(0x1003);
          routine.setBit(map, bit);
          routine.store(this.global('LastBlock'), 0, map);
        },
      },
    ];
  }

  #frees(): Control[] {
    return [
      {
        code: myfaultControls.doubleFree,
        body: (routine) => {
          const block = routine.result('nt!ExAllocatePoolWithTag', nonPaged, blockSize, tag);
          routine.store(this.global('LastBlock'), 0, block);
          routine.call('nt!ExFreePoolWithTag', block, tag);
          routine.call('nt!ExFreePoolWithTag', block, tag);
        },
      },
      {
        code: myfaultControls.writeAfterFree,
        body: (routine) => {
          const block = routine.result('nt!ExAllocatePoolWithTag', nonPaged, blockSize, tag);
          routine.store(this.global('LastBlock'), 0, block);
          routine.call('nt!ExFreePoolWithTag', block, tag);
          routine.fill(block, 0x55, 0x40);
        },
      },
      {
        code: myfaultControls.freeLast,
        body: (routine) => {
          const block = routine.load(this.global('LastBlock'));
          routine.call('nt!ExFreePoolWithTag', block, 0);
        },
      },
      {
        // The pointer was moved on while the block was read.
        code: myfaultControls.freeInside,
        body: (routine) => {
          const block = routine.result('nt!ExAllocatePoolWithTag', nonPaged, blockSize, tag);
          routine.store(this.global('LastBlock'), 0, block);
          routine.fill(block, 0, blockSize);
          routine.add(block, 0x40);
          routine.call('nt!ExFreePoolWithTag', block, tag);
        },
      },
      {
        code: myfaultControls.freeWrongTag,
        body: (routine) => {
          const block = routine.result('nt!ExAllocatePoolWithTag', nonPaged, blockSize, tag);
          routine.store(this.global('LastBlock'), 0, block);
          routine.call('nt!ExFreePoolWithTag', block, bitMapTag);
        },
      },
      {
        code: myfaultControls.pagedAtHighIrql,
        body: (routine) => {
          routine.raiseIrql(2);
          routine.call('nt!ExAllocatePoolWithTag', paged, blockSize, tag);
        },
      },
    ];
  }

  /** Faults that only special pool or the verifier see at once. */
  #watchedFaults(): Control[] {
    return [
      {
        // Three bytes too many: they stay within what the allocator rounds up to.
        code: myfaultControls.overrunOddBlock,
        body: (routine) => {
          const block = routine.result('nt!ExAllocatePoolWithTag', nonPaged, oddBlockSize, tag);
          routine.store(this.global('LastBlock'), 0, block);
          routine.fill(block, 0x41, oddBlockSize + 3);
        },
      },
      {
        // All that pool tracking adds to the block, and nothing of the next.
        code: myfaultControls.overrunRest,
        body: (routine) => {
          const block = routine.result('nt!ExAllocatePoolWithTag', nonPaged, oddBlockSize, tag);
          routine.store(this.global('LastBlock'), 0, block);
          routine.fill(block, 0x41, oddBlockSize + 0xd);
        },
      },
      {
        // The kernel's own code touches the block.
        code: myfaultControls.copyFreed,
        body: (routine) => {
          const block = routine.result('nt!ExAllocatePoolWithTag', nonPaged, blockSize, tag);
          routine.store(this.global('LastBlock'), 0, block);
          routine.call('nt!ExFreePoolWithTag', block, tag);
          routine.call('nt!memcpy', this.global('SavedIrql'), block, 8);
        },
      },
      {
        code: myfaultControls.zeroBytes,
        body: (routine) => {
          const block = routine.result('nt!ExAllocatePoolWithTag', nonPaged, 0, tag);
          routine.store(this.global('LastBlock'), 0, block);
        },
      },
      {
        code: myfaultControls.readBehind,
        body: (routine) => {
          const block = routine.result('nt!ExAllocatePoolWithTag', nonPaged, blockSize, tag);
          routine.store(this.global('LastBlock'), 0, block);
          routine.load(block, blockSize);
        },
      },
    ];
  }

  #keptPointers(): Control[] {
    return [
      {
        code: myfaultControls.keepBlock,
        body: (routine) => {
          const block = routine.result('nt!ExAllocatePoolWithTag', nonPaged, blockSize, tag);
          routine.store(this.global('LastBlock'), 0, block);
          routine.call('nt!ExFreePoolWithTag', block, tag);
        },
      },
      {
        // The pointer that was kept leads to memory that somebody else owns by now.
        code: myfaultControls.writeKept,
        body: (routine, { buffer, length }) => {
          const block = routine.load(this.global('LastBlock'));
          routine.copy(block, buffer, length);
        },
      },
    ];
  }

  #plainFaults(): Control[] {
    return [
      {
        code: myfaultControls.nullRead,
        body: (routine) => {
          const nothing = routine.variable(0);
          routine.load(nothing, 0x18);
        },
      },
      {
        code: myfaultControls.highIrql,
        body: (routine) => {
          const block = routine.result('nt!ExAllocatePoolWithTag', paged, 0x100, tag);
          routine.call('nt!ExFreePoolWithTag', block, tag);
          routine.raiseIrql(2);
          const wild = routine.variable(0xffff_fa80_ffff_0000n);
          routine.load(wild, 0);
        },
      },
      { code: myfaultControls.breakpoint, body: (routine) => routine.breakpoint() },
      {
        code: myfaultControls.wildWrite,
        body: (routine) => {
          const wild = routine.variable(0xffff_fa80_ffff_0000n);
          routine.store(wild, 8, 0x1234_5678, 4);
        },
      },
    ];
  }

  #leaks(): Control[] {
    const leak = (code: number, poolType: number): Control => ({
      code,
      body: (routine, { length }) => {
        const block = routine.result('nt!ExAllocatePoolWithTag', poolType, length, tag);
        routine.store(this.global('LastBlock'), 0, block);
      },
    });
    return [leak(myfaultControls.leakNonPaged, nonPaged), leak(myfaultControls.leakPaged, paged)];
  }
}
