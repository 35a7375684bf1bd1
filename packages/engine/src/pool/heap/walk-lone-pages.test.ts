import { describe, expect, it } from 'vitest';
import { PlantedKernel } from '../../../test/planted-kernel.ts';
import type { Va } from '../../base/index.ts';
import { runToEnd } from '../../memory/index.ts';
import type { SearchedKernel } from '../kernel-data.ts';
import { checkPool } from '../walk/check-pool.ts';
import { findPoolBlocks } from '../walk/find-blocks.ts';
import { tagPattern } from '../walk/tag-pattern.ts';
import { readProvenHeaps } from './proven-keys.ts';

const heapKey = 0x1122_3344_5566_7788n;
const first = 0xffff_8a00_1234_1000n;

/** Pages of a dump that has no heap, each with chunks in a row; `key`: that of the chunks of a page. */
function smallDump(pages: number, key: (page: number) => bigint = () => heapKey): SearchedKernel {
  const { kernel, memory } = new PlantedKernel('x64', 19_041);
  Object.assign(kernel.target.dump, { file: { size: 0x10_0000 } });
  for (let page = 0; page < pages; page++) {
    const start = first + BigInt(page) * 0x2000n;
    memory.map(start, 0x1000);
    const sizes = [0x80n, 0x40n, 0x100n];
    sizes.reduce((at, size, index) => {
      const previous = sizes[index - 1] ?? 0x60n;
      const decoded = ((size / 16n) << 16n) | ((previous / 16n) << 32n) | (1n << 48n);
      memory.write(at, decoded ^ at ^ key(page), 8);
      memory.write(at + 8n, (1n ^ key(page) ^ at) & 0xffn, 8);
      // The last is in paged pool, and the others are not.
      const type = page === pages - 1 ? 3n : 2n;
      memory.write(at + 0x10n, (type << 24n) | ((size / 16n - 1n) << 16n), 4);
      memory.write(at + 0x14n, 0x7473_6554, 4);
      return at + size;
    }, start + 0x100n);
  }
  return kernel;
}

const found = (kernel: SearchedKernel, pool: 'nonpaged' | 'paged'): Va[] => {
  const search = { tag: tagPattern('Test')!, pools: [pool] };
  return runToEnd(findPoolBlocks(kernel, search)).heap.map(({ block }) => block.address);
};

describe('pages whose heap is not in the dump', () => {
  it('HR-7: are searched for blocks with the key that their chunks prove, each in the pool that its header names', () => {
    const kernel = smallDump(3);
    expect(found(kernel, 'nonpaged')).toEqual(
      [0n, 0x2000n].flatMap((page) => [0x110n, 0x190n, 0x1d0n].map((offset) => first + page + offset)),
    );
    expect(found(kernel, 'paged').map((va) => va - first)).toEqual([0x4110n, 0x4190n, 0x41d0n]);
  });

  it('are checked as pages of which parts are missing, and never as whole ones', () => {
    const { pages, ranges, heapsUnknown } = runToEnd(checkPool(smallDump(3)));
    expect(pages).toMatchObject({ whole: 0, damaged: 0, incomplete: 3 });
    expect(ranges).toHaveLength(1);
    expect(ranges[0]).toMatchObject({ bytes: 0x3000, range: { name: 'unknown', told: false } });
    expect(heapsUnknown.join('\n')).toContain('the heaps of 3 pages are not known');
  });

  it('outside of a range are left out', () => {
    const range = { start: first + 0x2000n, end: first + 0x3000n };
    expect(runToEnd(checkPool(smallDump(3), range)).pages.incomplete).toBe(1);
  });

  it('have no blocks where no key is proven', () => {
    const kernel = smallDump(3, (page) => heapKey + BigInt(page) * 0x10_0000n);
    expect(found(kernel, 'nonpaged')).toEqual([]);
    const heaps = runToEnd(readProvenHeaps(kernel));
    expect(heaps).toMatchObject({ keys: { heapKey: expect.stringContaining('no proof') } });
    const { heapsUnknown, ranges } = runToEnd(checkPool(kernel));
    expect(ranges).toEqual([]);
    expect(heapsUnknown.join('\n')).toContain('the heap key is not known');
  });
});
