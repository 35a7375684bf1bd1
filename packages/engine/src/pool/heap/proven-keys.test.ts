import { describe, expect, it } from 'vitest';
import { PlantedKernel } from '../../../test/planted-kernel.ts';
import type { Va } from '../../base/index.ts';
import { VsCode } from './vs-code.ts';
import { loneVsBlocks } from './vs-lone-page.ts';

const heapKey = 0x1122_3344_5566_7788n;
const start = 0xffff_8a00_1234_0000n;
const page = start + 0x1000n;

/** Chunks of a subsegment that begins at `start`, on a page of it that is there alone. */
class LonePage {
  readonly kernel = new PlantedKernel('x64', 19_041);

  constructor() {
    this.kernel.memory.map(page, 0x1000);
  }

  chunk(at: Va, size: bigint, previousSize: bigint, allocated = 1n): void {
    const { memory } = this.kernel;
    const sizes = ((size / 16n) << 16n) | ((previousSize / 16n) << 32n) | (allocated << 48n);
    memory.write(at, sizes ^ at ^ heapKey, 8);
    if (allocated === 0n) return;
    memory.write(at + 8n, (1n ^ heapKey ^ at) & 0xffn, 8);
    memory.write(at + 0x10n, 0x0200_0000n | ((size / 16n - 1n) << 16n), 4);
    memory.write(at + 0x14n, 0x7473_6554, 4);
  }

  get blocks(): string[] {
    return loneVsBlocks(this.kernel.kernel, new VsCode(heapKey), page + 0x123n).map(
      ({ address, size, state }) => `${(address - page).toString(16)} ${size.toString(16)} ${state}`,
    );
  }
}

describe('the page of a heap that is not in the dump', () => {
  it('HR-7: has the chunks that decode with the key, free ones beside those in use', () => {
    const lone = new LonePage();
    lone.chunk(page + 0x100n, 0x80n, 0x60n);
    lone.chunk(page + 0x180n, 0x40n, 0x80n, 0n);
    lone.chunk(page + 0x1c0n, 0x100n, 0x40n);
    lone.chunk(page + 0x800n, 0x40n, 0x50n, 0n);
    expect(lone.blocks).toEqual(['110 70 allocated', '180 40 free', '1d0 f0 allocated']);
  });

  it('HR-7: has none that are left over inside of a freed one', () => {
    const lone = new LonePage();
    lone.chunk(page + 0x100n, 0x80n, 0x60n);
    lone.chunk(page + 0x180n, 0x200n, 0x80n, 0n);
    lone.chunk(page + 0x200n, 0x100n, 0x80n);
    lone.chunk(page + 0x380n, 0x80n, 0x200n);
    expect(lone.blocks).toEqual(['110 70 allocated', '180 200 free', '390 70 allocated']);
  });

  it('HR-7: has neither of two that cannot both be there, where nothing tells which is', () => {
    const lone = new LonePage();
    lone.chunk(page + 0x100n, 0x200n, 0x60n);
    lone.chunk(page + 0x200n, 0x80n, 0x80n);
    expect(lone.blocks).toEqual([]);
  });

  it('HR-7: has none with another key, or of a chunk that would begin in front of its subsegment', () => {
    const lone = new LonePage();
    lone.chunk(page + 0x100n, 0x80n, 0x1_0000n);
    expect(lone.blocks).toEqual([]);
    lone.chunk(page + 0x100n, 0x80n, 0x60n);
    expect(lone.blocks).toHaveLength(1);
    expect(loneVsBlocks(lone.kernel.kernel, new VsCode(heapKey ^ 1n), page)).toEqual([]);
  });
});
