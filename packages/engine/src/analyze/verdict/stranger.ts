import type { Va } from '../../base/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { holdersOf } from './holders.ts';
import { driverAt } from './images.ts';
import { driversWithTag } from './tag-users.ts';

/** A driver that keeps an address in a variable of its image. */
export interface Stranger {
  /** File name. */
  readonly image: string;
  /** Of the variable. */
  readonly at: Va;
}

/**
 * The one driver that keeps the address of a block which is not its own by its tag: it had the block before. `body` is what
 * the owner got. Undefined where nobody does, where several do, and where nobody is known to allocate blocks with the tag.
 */
export function strangerHolding(system: CrashedSystem, body: Va, tag: string): Stranger | undefined {
  const owners = driversWithTag(system, tag);
  if (owners.size === 0) return undefined;
  const strangers = new Map<string, Va>();
  for (const at of holdersOf(system, body)) {
    const image = driverAt(system, at);
    if (image !== undefined && !owners.has(image) && !strangers.has(image)) strangers.set(image, at);
  }
  const [first] = [...strangers].map(([image, at]) => ({ image, at }));
  return strangers.size === 1 ? first : undefined;
}
