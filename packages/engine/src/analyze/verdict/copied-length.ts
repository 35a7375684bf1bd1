import type { Va } from '../../base/index.ts';
import { poolFormat } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { type Copy, findCopies } from './copies.ts';
import type { Scene } from './scene.ts';
import { smallPoolAt } from './small-pool.ts';

/** Fewer equal bytes than these are equal by chance. */
const shortestCopy = 16;
/** The first bytes of a copy may be gone: a free block keeps its links there. */
const mayBeGone = [0, 0x10];

/**
 * How long data is that begins at an address, by the buffer that it was copied from: a block elsewhere that holds the same bytes
 * up to its end. A copy that ends sooner tells nothing: it may be cut, or be another text that begins alike.
 */
export function copiedLength(scene: Scene, start: Va): number | undefined {
  for (const offset of mayBeGone) {
    const lengths = findCopies(scene, start + BigInt(offset))
      .filter((copy) => copy.forward >= shortestCopy && fillsBlock(scene.system, copy))
      .map(({ forward }) => offset + forward);
    if (lengths.length > 0) return Math.max(...lengths);
  }
  return undefined;
}

/** Does a copy end where its block does, but for the room that rounding leaves? */
function fillsBlock(system: CrashedSystem, { at, forward }: Copy): boolean {
  const found = smallPoolAt(system, at);
  const block = found?.big?.found === undefined ? found?.block : undefined;
  if (block === undefined) return false;
  const left = block.address + BigInt(block.size) - at - BigInt(forward);
  return left >= 0n && left < BigInt(poolFormat(system).unit);
}
