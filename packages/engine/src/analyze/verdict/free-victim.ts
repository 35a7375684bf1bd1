import type { Va } from '../../base/index.ts';
import { runToEnd } from '../../memory/index.ts';
import { findPoolDescriptors, isKernelAddress, poolFormat } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { holdersOf } from './holders.ts';
import { moduleAt } from './images.ts';
import { remembered } from './remember.ts';
import { smallPoolAt } from './small-pool.ts';

/**
 * Was the block of a lost header on a list of free ones? Then the entries before and behind it lead there still: free blocks,
 * or the head of the list.
 */
export function isListedFree(system: CrashedSystem, header: Va): boolean {
  const links = holdersOf(system, header + BigInt(poolFormat(system).unit)).flatMap(
    (at) => linkAt(system, at) ?? [],
  );
  return new Set(links).size === 2;
}

/** Which link of an entry a place is. */
function linkAt(system: CrashedSystem, at: Va): 'forward' | 'backward' | undefined {
  const size = BigInt(system.target.pointerSize);
  const module = moduleAt(system, at);
  // The head of a list leads to its first entry, and its second word to the last one.
  if (module?.name === 'nt' || isInDescriptor(system, at)) {
    const link = at % (2n * size) === 0n ? 'forward' : 'backward';
    return isAddress(system, link === 'forward' ? at + size : at - size) ? link : undefined;
  }
  if (module !== undefined) return undefined;
  const block = smallPoolAt(system, at)?.block;
  if (block?.state !== 'free') return undefined;
  const body = block.address + 2n * size;
  return at === body ? 'forward' : at === body + size ? 'backward' : undefined;
}

/** Stands the address of a word there? The parameters of the bug check, which may name the entry, are no list. */
function isAddress(system: CrashedSystem, at: Va): boolean {
  const value = system.target.readPointer(at);
  return (
    value !== undefined && value % BigInt(system.target.pointerSize) === 0n && isKernelAddress(system, value)
  );
}

/** The lists of a pool are in its descriptor, which may be in memory of its own. */
function isInDescriptor(system: CrashedSystem, at: Va): boolean {
  const size = BigInt(system.structures.find('_POOL_DESCRIPTOR')?.size ?? 0);
  return descriptorsOf(system).some((address) => at >= address && at < address + size);
}

const descriptorsOf = remembered((system: CrashedSystem): readonly Va[] =>
  runToEnd(findPoolDescriptors(system)).places.map(({ address }) => address),
);
