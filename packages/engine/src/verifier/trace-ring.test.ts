import { expect, it } from 'vitest';
import { PlantedKernel } from '../../test/planted-kernel.ts';
import { type TraceRing, walkBack } from './trace-ring.ts';

const pageSize = 0x1000;

/** A ring of records of 0x300 bytes over pages of which some are missing. */
function plant(pages: number, missing: readonly number[]): { planted: PlantedKernel; ring: TraceRing } {
  const planted = new PlantedKernel('x64', 7601);
  const base = planted.allocate(pages * pageSize, pageSize);
  for (const page of missing) planted.memory.unmap(base + BigInt(page * pageSize));
  const length = Math.floor((pages * pageSize) / 0x300);
  return { planted, ring: { base, length, recordSize: 0x300, index: undefined, from: 'test' } };
}

it('V-4: records that reach into a hole are missing, and no others', () => {
  const { planted, ring } = plant(24, [0, 3, 4, 5, 17, 23]);
  const { target } = planted.kernel;
  const records = [...walkBack({ target }, ring, 20)].flat();
  expect(records).toHaveLength(ring.length);
  for (const { address, slot, bytes } of records) {
    expect(address).toBe(ring.base + BigInt(slot * 0x300));
    expect(bytes !== undefined, `record ${slot}`).toBe(target.readBytes(address, 0x300) !== undefined);
  }
});

it('a ring of records that are not there is not asked for record by record', () => {
  const { planted, ring } = plant(1, [0]);
  const { target } = planted.kernel;
  const { memory } = planted;
  let reads = 0;
  const tryRead = memory.tryRead.bind(memory);
  memory.tryRead = (va, length) => {
    reads++;
    return tryRead(va, length);
  };
  const length = 0x2_0000;
  const chunks = [...walkBack({ target }, { ...ring, length }, length - 1)];
  expect(chunks.flat().every(({ bytes }) => bytes === undefined)).toBe(true);
  expect(reads).toBeLessThanOrEqual(2 * chunks.length);
});
