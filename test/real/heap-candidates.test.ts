import { headerCandidates, runToEnd, type Session } from '@poolscope/engine';
import { describe, expect, it } from 'vitest';
import {
  describeHeap,
  type HeaderCandidate,
  isPlaced,
  recoverHeapKey,
} from '../../packages/engine/src/pool/index.ts';
import { hasShared, openShared } from '../shared-files.ts';

const lowest = 0xffff_8000_0000_0000n;

/** Pages of which the dump has bytes. */
function pagesOf({ system }: Session): bigint[] {
  const { memory } = system.target;
  const pages: bigint[] = [];
  for (let va = memory.nextCandidate(lowest); va !== undefined; ) {
    const page = va & ~0xfffn;
    pages.push(page);
    va = memory.nextCandidate(page + 0xfffn);
  }
  return pages;
}

const candidatesOf = (session: Session): HeaderCandidate[] =>
  pagesOf(session).flatMap((page) => headerCandidates(session.system, page) ?? []);

/** Does the chunk header in front of a candidate decode to one in use of the candidate's size? */
function isInChunk({ system }: Session, { address, size }: HeaderCandidate, key: bigint): boolean {
  const stored = system.target.memory.tryReadU64(address - 0x10n);
  if (typeof stored !== 'bigint') return false;
  const decoded = stored ^ (address - 0x10n) ^ key;
  return (
    decoded >> 48n === 1n &&
    (decoded & 0xffffn) === 0n &&
    ((decoded >> 16n) & 0xffffn) === BigInt(size / 16 + 1)
  );
}

describe.skipIf(!hasShared)('pool of the segment heap in small dumps', () => {
  it('HR-1: has chunks that prove the key, and others that nobody asked decode with it', async () => {
    const session = await openShared('training_7e_1.dmp');
    const key = runToEnd(recoverHeapKey(session.system, pagesOf(session)));
    if (!isPlaced(key)) throw new Error(key);
    expect(key.from).toBe('6 VS chunks on 3 pages whose neighbours tell what they hold');
    const others = candidatesOf(session).filter(({ fits }) => fits?.kind !== 'chained');
    const inChunks = others.filter((each) => isInChunk(session, each, key.value));
    expect(inChunks.map(({ fits }) => fits)).toEqual([undefined, undefined, undefined, undefined, undefined]);
    // Another value decodes none of them.
    expect(others.filter((each) => isInChunk(session, each, key.value ^ 0x40_0000n))).toEqual([]);
  });

  it('HR-7: has blocks by the proven key, each with a header of its size, and no damage', async () => {
    const session = await openShared('training_7e_1.dmp');
    const pages = pagesOf(session).map((va) => runToEnd(describeHeap(session.system, va)).page);
    expect(pages.filter(({ verdict }) => verdict === 'damaged')).toEqual([]);
    const blocks = pages.flatMap((page) => (page.keyFrom === undefined ? [] : page.blocks));
    expect(blocks.length).toBe(11);
    for (const { size, header, tag } of blocks) {
      expect(tag).toMatch(/^[\w ]{4}$/);
      // What remains of a chunk that is split can be too small for another.
      expect([size, size - 0x10]).toContain(header!.size);
    }
  });

  it.each(['ojusha-help_100623-4953-01.dmp', 'training_1e.dmp', 'training_d1.dmp'])(
    'HR-2: in %s is not enough for a key',
    async (name) => {
      const session = await openShared(name);
      expect(typeof runToEnd(recoverHeapKey(session.system, pagesOf(session)))).toBe('string');
      expect(candidatesOf(session).length).toBeGreaterThan(100);
    },
  );

  it.each([
    'training_1a.dmp',
    'training_3b_0.dmp',
    'training_50_0.dmp',
    'francotrone-ax200_082325-12593-01.dmp',
  ])('HR-4: is not invented in %s, which has none', async (name) => {
    expect(candidatesOf(await openShared(name))).toEqual([]);
  });
});
