import {
  BufferSource,
  checkPool,
  findPoolBlocks,
  listBigPages,
  openSession,
  runToEnd,
  type Session,
  tagPattern,
} from '@poolscope/engine';
import { dumpBytes, type KernelWorld, type PoolTruth } from '@poolscope/lab';
import { beforeAll, describe, expect, it } from 'vitest';
import { machineWithPool, type PoolMachine } from './planted-pool.ts';

const builds = [
  ['x64', 7601],
  ['x64', 9200],
  ['x64', 9600],
  ['x64', 14393],
  ['x64', 17763],
  ['x86', 7601],
] as const;

const open = ({ machine }: PoolMachine): Promise<Session> =>
  openSession(new BufferSource(dumpBytes(machine, { type: 'full' })));

const pools = ['nonpaged', 'paged'] as const;

describe.each(builds)('pool of %s %d', (architecture, build) => {
  const planted = machineWithPool({ architecture, build }, 600);
  const { truth } = planted;

  it('the table of large allocations is read as it is', async () => {
    const { system } = await open(planted);
    const list = runToEnd(listBigPages(system));
    const key = (address: bigint, size: bigint | number, tag: number) =>
      `${address.toString(16)} ${size} ${tag}`;
    expect(list.unknown).toBeUndefined();
    expect(list.allocations.map(({ address, size, tagValue }) => key(address, size, tagValue))).toEqual(
      truth.bigAllocations
        .toSorted((a, b) => (a.address < b.address ? -1 : 1))
        .map(({ address, bytes, tag }) => key(address, bytes, tag)),
    );
  });

  it('every block is found, and nothing else', async () => {
    const { system } = await open(planted);
    const { blocks } = runToEnd(findPoolBlocks(system, { tag: tagPattern('*')!, pools }));
    const own = new Set(truth.blocks.map(({ header }) => header));
    // What the machine's own damaged page has is none of this pool.
    const inside = blocks.filter(({ block }) => own.has(block.address));
    const strangers = blocks.filter(({ block }) => !own.has(block.address));
    expect(inside.map(({ block }) => `${block.address.toString(16)} ${block.size}`)).toEqual(
      truth.blocks.map(({ header, size }) => `${header.toString(16)} ${size}`),
    );
    expect(new Set(strangers.map(({ block }) => block.address >> 12n)).size).toBeLessThanOrEqual(1);
  });

  it('nothing is called damaged but the page that is', async () => {
    const { system } = await open(planted);
    const check = runToEnd(checkPool(system));
    expect(check.damaged.map(({ page }) => page.problems[0]?.rule)).toEqual(
      check.damaged.map(() => 'header'),
    );
    expect(check.pages.damaged).toBeLessThanOrEqual(1);
    expect(check.bigUnknown).toBeUndefined();
  });
});

/** One page in two is damaged: the header of one of its blocks, and of no other. */
function plantDamage(
  { blocks: all }: PoolTruth,
  space: KernelWorld['space'],
  write: (header: Uint8Array) => unknown,
): Map<bigint, PlantedDamage> {
  const planted = new Map<bigint, PlantedDamage>();
  for (const [index, blocks] of pagesOf(all).entries()) {
    if (index % 2 === 1 || blocks.length < 4) continue;
    // Neither the first block nor the last one, and none behind which nothing is to compare it with.
    const { header, size } = blocks[1 + (index % (blocks.length - 2))]!;
    const bytes = space.read(header, 8);
    write(bytes);
    space.write(header, bytes);
    planted.set(header & ~0xfffn, { header, end: header + BigInt(size) });
  }
  return planted;
}

function pagesOf(blocks: PoolTruth['blocks']): PoolTruth['blocks'][] {
  const pages = new Map<bigint, PoolTruth['blocks'][number][]>();
  for (const block of blocks) {
    const page = block.header >> 12n;
    const known = pages.get(page);
    if (known === undefined) pages.set(page, [block]);
    else known.push(block);
  }
  return [...pages.values()];
}

interface PlantedDamage {
  readonly header: bigint;
  readonly end: bigint;
}

const damages: Readonly<Record<string, (header: Uint8Array, unit: number) => unknown>> = {
  'a header overwritten by letters': (header) => header.fill(0x41),
  'a header overwritten by zeros': (header) => header.fill(0),
  'a size that is one unit too long': (header) => header.fill(header[2]! + 1, 2, 3),
  'a previous size that is two units too long': (header) => header.fill(header[0]! + 2, 0, 1),
  'a type that nobody writes': (header, unit) =>
    header.fill(unit === 16 ? 0x16 : 0x2c | (header[3]! & 1), 3, 4),
};

describe.each(builds)('damage in pool of %s %d', (architecture, build) => {
  /** Pages that are damaged without any of the damages. */
  let known = new Set<bigint>();
  beforeAll(async () => {
    const { system } = await open(machineWithPool({ architecture, build }, 400));
    known = new Set(runToEnd(checkPool(system)).damaged.map(({ page }) => page.address));
  });

  it.each(Object.keys(damages))('%s: every page is found with its place, and no other', async (name) => {
    const unit = architecture === 'x64' ? 16 : 8;
    let damage = new Map<bigint, PlantedDamage>();
    const planted = machineWithPool({ architecture, build }, 400, (truth, space) => {
      damage = plantDamage(truth, space, (header) => damages[name]!(header, unit));
    });
    const { system } = await open(planted);
    const found = runToEnd(checkPool(system)).damaged.filter(({ page }) => !known.has(page.address));
    expect(damage.size).toBeGreaterThan(12);
    expect(found.filter(({ page }) => !damage.has(page.address)).map(({ page }) => page.address)).toEqual([]);
    const missed = [...damage.keys()].filter(
      (address) => !found.some(({ page }) => page.address === address),
    );
    expect(missed.map((address) => address.toString(16))).toEqual([]);
    const misplaced = found.filter(({ page }) => {
      const { header, end } = damage.get(page.address)!;
      const inside = page.unexplained.every((extent) => extent.start >= header && extent.end <= end);
      return !inside || !page.problems.some(({ at }) => at === header);
    });
    expect(misplaced.map(({ page }) => page.address.toString(16))).toEqual([]);
  });
});
