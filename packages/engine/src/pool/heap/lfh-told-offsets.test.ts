import { describe, expect, it } from 'vitest';
import { writeSubsegment } from '../../../test/lfh-memory.ts';
import { PlantedKernel } from '../../../test/planted-kernel.ts';
import { Fault } from '../../base/index.ts';
import { bitmapBytes, lfhHeaderEnd, readLfhHeader } from './lfh-header.ts';
import { agreeingOffsets } from './lfh-told-offsets.ts';

const at = 0xffff_8a00_1234_5000n;
const blockSize = 0x60;

function plant(gap: number, busy: (slot: number) => boolean = () => true) {
  const kernel = new PlantedKernel('x64', 19_041);
  const written = writeSubsegment(kernel, { at, pages: 4, blockSize, busy, gap });
  const header = readLfhHeader(kernel.kernel, at);
  if (typeof header === 'string' || header instanceof Fault) throw new Error('no header');
  const limits = {
    unit: 16,
    blockCount: header.blockCount,
    headerBytes: header.bitmapOffset + bitmapBytes(header),
    rangeBytes: 0x4000,
    largest: 0x200,
    expectedFirst: Math.ceil(lfhHeaderEnd(header) / 16) * 16,
  } as const;
  const told = (fewest?: number) => agreeingOffsets(kernel.kernel, header, blockSize, limits, fewest);
  return { kernel, written, limits, told };
}

describe('the first block of a subsegment without its key', () => {
  it.each([0, 0x10, 0x50])(
    'HL-16: is where the headers of blocks agree, %i bytes behind the header',
    (gap) => {
      const { written, told } = plant(gap);
      expect(told()).toMatchObject({ blockSize, firstBlock: written.first });
    },
  );

  it('is found where some of them are damaged, and nowhere where most are', () => {
    const { kernel, written, told } = plant(0x20);
    const damage = (count: number): void => {
      for (const { address } of written.slots.slice(0, count)) kernel.memory.write(address, 0x4141_4141, 4);
    };
    damage(4);
    expect(told()).toMatchObject({ firstBlock: written.first });
    damage(30);
    expect(told()).toBeUndefined();
  });

  it('is taken to be behind the header where no block is in use, but is no proof of a key', () => {
    const { limits, told } = plant(0, () => false);
    expect(told()).toMatchObject({ firstBlock: limits.expectedFirst });
    expect(told(1)).toBeUndefined();
  });
});
