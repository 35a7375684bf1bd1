import { pageOf, pageSize, type Va } from '@poolscope/engine/base';
import type { Machine } from '../machine/machine.ts';
import type { AddressSpace } from '../memory/address-space.ts';

const page = BigInt(pageSize);
/** As large as a stack of a thread of x64. */
const largestStack = 0x6000n;

/**
 * Bytes of the stack that a small dump saves from the stack pointer on. A processor that took a double fault stands on a stack of
 * its own, not on that of its thread: then it is what is mapped from there on.
 */
export function savedStackSize({ stack, space }: Pick<Machine, 'stack' | 'space'>): number {
  const { pointer, base, limit } = stack;
  return pointer >= limit && pointer <= base ? Number(base - pointer) : mappedBytes(space, pointer);
}

function mappedBytes(space: AddressSpace, start: Va): number {
  let end = start;
  while (end - start < largestStack && space.pfnOf(end) !== undefined) end = pageOf(end) + page;
  return Number((end - start < largestStack ? end : start + largestStack) - start);
}
