import assert from 'node:assert';
import { KernelPool, type KernelWorld, type PoolTruth } from '@poolscope/lab';

/** Places of a populated pool whose lists are broken. */
export interface BrokenLists {
  /** Free blocks: the link of one leads to itself, that of the other into user memory. */
  readonly circle: bigint;
  readonly user: bigint;
  /** A lookaside list whose first entry leads to itself. */
  readonly lookaside: bigint;
}

const headerSize = 16n;
const userAddress = 0x0000_7ff0_1234_5678n;

/** The blocks and the list that `plantBrokenLists` takes. */
export function brokenLists({ blocks, lookasides }: PoolTruth): BrokenLists {
  const [circle, user] = blocks.filter(({ state, size, kind }) => state === 'free' && size > 0x20 && kind === 'nonpaged');
  const lookaside = lookasides.find(({ depth, kind }) => depth > 0 && kind === 'nonpaged');
  return { circle: circle!.header, user: user!.header, lookaside: lookaside!.address };
}

/** Breaks lists of the pool of a machine of x64. */
export function plantBrokenLists({ pool, space }: KernelWorld): void {
  assert(pool instanceof KernelPool, 'the machine has the classic pool');
  const { circle, user, lookaside } = brokenLists(pool.truth());
  const write = (at: bigint, value: bigint): void =>
    space.write(at, new Uint8Array(BigUint64Array.of(value).buffer));
  write(circle + headerSize, circle + headerSize);
  write(user + headerSize, userAddress);
  // An SLIST_HEADER: counts, then the address of the first entry and four flags.
  const [, head = 0n] = new BigUint64Array(space.read(lookaside, 16).buffer);
  const first = head & ~0xfn;
  write(first, first);
}
