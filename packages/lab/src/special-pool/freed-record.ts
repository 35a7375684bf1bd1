import type { Va } from '@poolscope/engine/base';
import { writeU32 } from '../bytes/integers.ts';
import { writePointer } from './special-page.ts';

/** What is written on the page of a block before it is given back. */
export interface FreedRecordFacts {
  readonly address: Va;
  readonly size: number;
  readonly tag: number;
  readonly paged: boolean;
  readonly tickCount: number;
  readonly thread: Va;
  readonly stackPointer: Va;
  /** Copied from the stack of who freed it, 0x400 at most. */
  readonly stack: Uint8Array;
}

const signature = 0x9876_4321;
export const maxStackBytes = 0x400;

/** Header, verifier's pointer, then the record: signature, ticks, size, whether it was pageable, block, stack, thread. */
export function freedRecordBytes(facts: FreedRecordFacts, pointerSize: 4 | 8): Uint8Array {
  const { address, size, tag, paged, tickCount, thread, stackPointer } = facts;
  const stack = facts.stack.subarray(0, maxStackBytes);
  const at = 3 * pointerSize;
  const words = at + 0x10;
  const bytes = new Uint8Array(words + 4 * pointerSize + stack.length);
  writeU32(bytes, 4, tag);
  for (const [index, value] of [signature, tickCount, size, paged ? 1 : 0].entries())
    writeU32(bytes, at + 4 * index, value);
  for (const [index, value] of [address, stackPointer, BigInt(stack.length), thread].entries())
    writePointer(bytes, words + index * pointerSize, value, pointerSize);
  bytes.set(stack, words + 4 * pointerSize);
  return bytes;
}
