import { pageSize } from '@poolscope/engine/base';
import { type KernelAddress, offsetInPage } from './kernel-address.ts';
import { PoolBugCheck } from './pool-fault.ts';
import type { PoolParts } from './pool-parts.ts';
import { headerType, mustSucceedBit, pagedBit, plainTag, wellKnownTags } from './pool-type.ts';

const apcLevel = 1;
const dispatchLevel = 2;

const badCaller = (kind: number, first: number | bigint, second: number | bigint, third: number | bigint) =>
  new PoolBugCheck(0xc2, [BigInt(kind), BigInt(first), BigInt(second), BigInt(third)]);

/** What a request for memory may not be. The caller's address, a parameter of two of these, is the machine's to fill. */
export function checkAllocation(type: number, bytes: number, tag: number, irql: number): void {
  if ((type & mustSucceedBit) !== 0) throw badCaller(0x9a, type, bytes, tag);
  if (tag === 0) throw badCaller(0x9b, type, bytes, 0);
  if (tag === wellKnownTags.big) throw badCaller(0x9c, type, bytes, 0);
  if (irql > highestLevel(type)) throw badCaller(8, irql, type, bytes);
}

/** Is a block in use, does what follows agree about its size, and is the tag the one that it was allocated with? */
export function checkFree(parts: PoolParts, body: KernelAddress, tag: number, irql: number): void {
  const { memory, headers, trace, generation } = parts;
  const header = body - generation.unit;
  const type = headers.type(header);
  if ((type & headerType.inUse) === 0)
    throw badCaller(7, generation.doubleFreeId, headers.word(header), memory.exact(body));
  if (irql > highestLevel(type)) throw badCaller(9, irql, type & pagedBit, memory.exact(body));
  const units = headers.size(header);
  const next = header + units * generation.unit;
  const end = offsetInPage(header) + units * generation.unit;
  trace.next = next;
  trace.at('check-next', next);
  if (end > pageSize || (end < pageSize && headers.previousSize(next) !== units))
    throw badHeader(0x20, memory.exact(header), memory.exact(next), headers.word(header));
  if (units === 0) throw badHeader(8, 0n, 0n, memory.exact(header));
  checkTag(memory.exact(body), headers.tag(header), tag);
}

/** A block with the protected bit is freed with its tag only; any other also without one. */
export function checkTag(va: bigint, real: number, given: number): void {
  const isProtected = (real & 0x8000_0000) !== 0;
  if (given === 0 && !isProtected) return;
  if (plainTag(real) !== plainTag(given)) throw badCaller(0xa, va, plainTag(real), given);
}

export const highestLevel = (type: number): number => ((type & pagedBit) === 0 ? dispatchLevel : apcLevel);

const badHeader = (kind: number, first: bigint, second: bigint, third: number | bigint): PoolBugCheck =>
  new PoolBugCheck(0x19, [BigInt(kind), first, second, BigInt(third)]);

/** Does a walk over the page from its start meet the block? Checks of every free are off unless asked for. */
export function checkPage({ memory, headers, generation }: PoolParts, header: KernelAddress): void {
  const page = header - offsetInPage(header);
  let at = page;
  while (at < header) {
    const units = headers.size(at);
    if (units === 0) break;
    at += units * generation.unit;
  }
  if (at !== header) throw badHeader(0xa, memory.exact(header), 0n, memory.exact(page));
}
