import { describe, expect, it } from 'vitest';
import { type PlannedChunk, PlantedHeaps } from '../../../test/heap-memory.ts';
import { runToEnd } from '../../memory/index.ts';
import { describeHeap } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { formerBlock } from './heap-former-block.ts';

const segment = 0xffff_8a00_1230_0000n;
const subsegment = segment + 0x4_0000n;
const [first, second, third] = [0x200, 0x180, 0x100];
const rest: PlannedChunk = { size: 0xffd0 - first - second - third, bare: true };
const apart: readonly PlannedChunk[] = [
  { size: first, tag: 'Aaaa' },
  { size: second, tag: 'Bbbb' },
  { size: third, tag: 'Cccc' },
  rest,
];

/** Three chunks that are one free chunk now. */
function joined(size = first + second + third, behind: readonly PlannedChunk[] = [rest]): PlantedHeaps {
  const planted = new PlantedHeaps(19_041);
  planted.addSegment(segment, [{ index: 0x40, units: 0x11, type: 'vs' }]);
  planted.addSubsegment(subsegment, apart);
  const [free] = planted.addSubsegment(subsegment, [{ size, free: true }, ...behind]);
  planted.fill(free!.address + 8n, 0x18, 0);
  planted.addTree([free!.address]);
  return planted;
}

function former({ kernel }: PlantedHeaps, offset: number) {
  const at = subsegment + 0x30n + BigInt(offset);
  const { page, block } = runToEnd(describeHeap(kernel, at));
  expect(block?.state).toBe('free');
  const system = { ...kernel, memory: kernel.target.memory } as unknown as CrashedSystem;
  const found = formerBlock(system, page, block!, at);
  return found && { ...found, address: Number(found.address - subsegment) };
}

describe('the block that free memory of a heap was', () => {
  it('is told by the header that it kept when its chunk was joined with others', () => {
    const planted = joined();
    expect(former(planted, first + 0x20)).toEqual({
      address: 0x30 + first + 0x10,
      size: second - 0x10,
      tag: 'Bbbb',
    });
    expect(former(planted, first + second + third - 1)).toEqual({
      address: 0x30 + first + second + 0x10,
      size: third - 0x10,
      tag: 'Cccc',
    });
  });

  it('has no tag where the node of the tree stands, and its size from the chunk behind it', () => {
    expect(former(joined(), 0x40)).toEqual({ address: 0x40, size: first - 0x10, tag: undefined });
  });

  it('is the whole chunk where nothing was joined with it', () => {
    const planted = joined(first, apart.slice(1));
    expect(former(planted, 0x40)).toEqual({ address: 0x40, size: first - 0x10, tag: undefined });
  });

  it('is not told by a header with another address, as a copy has it', () => {
    const planted = joined();
    const chunk = subsegment + 0x30n + BigInt(first);
    const bytes = planted.memory.tryRead(chunk, 0x20) as Uint8Array;
    planted.fill(chunk, 0x20, 0);
    bytes.forEach((byte, index) => planted.memory.write(chunk + 0x40n + BigInt(index), byte, 1));
    expect(former(planted, first + 0x80)?.tag).toBeUndefined();
  });
});
