import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AddressSpace } from '../memory/address-space.ts';
import { PageTables } from '../memory/page-tables.ts';
import { x64Paging } from '../memory/paging-format.ts';
import { PhysicalMemory } from '../memory/physical-memory.ts';
import { toKernelAddress } from '../pool/kernel-address.ts';
import { SpacePoolMemory } from '../pool/pool-memory.ts';
import { PoolTrace } from '../pool/pool-trace.ts';
import { PageBits } from './page-bits.ts';
import { VsChunks } from './vs-chunks.ts';

const subsegment = 0xffff_8a00_1234_0000n;
const heapKey = 0x1122_3344_5566_7788n;

function chunksOf() {
  const physical = new PhysicalMemory([{ basePage: 1, pageCount: 0x40 }]);
  const space = new AddressSpace(physical, new PageTables(physical, x64Paging));
  space.allocate(subsegment, 0x1_0000, { writable: true });
  const memory = new SpacePoolMemory(space, 8);
  const [keyLow, keyHigh] = [Number(heapKey & 0xffff_ffffn), Number(heapKey >> 32n)];
  return { memory, chunks: new VsChunks({ memory, trace: new PoolTrace(), keyLow, keyHigh }) };
}

const first = toKernelAddress(0xffff_8a00_1234_5030n);
const second = toKernelAddress(0xffff_8a00_1234_52f0n);

describe('headers of VS chunks', () => {
  it('are encoded as the vectors of the reference', () => {
    const { memory, chunks } = chunksOf();
    chunks.write(first, { cost: 0, size: 0x2c, previous: 3, allocated: 1 });
    expect(memory.readU64(first)).toBe(0xeedc_b947_477e_27b8n);
    chunks.setSubsegment(first, toKernelAddress(subsegment), 0);
    expect(memory.readU8(first + 8)).toBe(0xbd);
    expect(chunks.subsegment(first)).toBe(toKernelAddress(subsegment));
    chunks.write(second, { cost: 0x12, size: 9, previous: 0x2c, allocated: 0 });
    expect(memory.readU64(second)).toBe(0xeedd_b968_475b_256an);
    expect([chunks.size(second), chunks.cost(second), chunks.previous(second)]).toEqual([9, 0x12, 0x2c]);
    expect([chunks.isFree(first), chunks.isFree(second)]).toEqual([false, true]);
    expect(chunks.keys()(second)).toBe(0x9_0012);
  });

  it('change one part and keep the others', () => {
    const { memory, chunks } = chunksOf();
    chunks.write(first, { cost: 7, size: 0xffff, previous: 0xfffe, allocated: 1 });
    chunks.setPrevious(first, 2);
    expect([chunks.size(first), chunks.cost(first), chunks.previous(first)]).toEqual([0xffff, 7, 2]);
    expect(chunks.isFree(first)).toBe(false);
    chunks.setFree(first);
    expect([chunks.previous(first), chunks.isFree(first)]).toEqual([2, true]);
    chunks.write(second, { cost: 0, size: 9, previous: 2, allocated: 1 });
    chunks.setSubsegment(second, toKernelAddress(subsegment), 0x10);
    expect(memory.readU16(second + 9 * 16 - 2)).toBe(0x10);
    expect(memory.readU32(second + 8) & 0x100).toBe(0x100);
  });
});

describe('pages of a subsegment', () => {
  const bits = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  const of = (value: bigint) => new PageBits(Number(value & 0xffff_ffffn) | 0, Number(value >> 32n) | 0);
  const valueOf = ({ low, high }: PageBits) => (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);

  it('are bits of a number of 64', () => {
    fc.assert(
      fc.property(bits, fc.nat(64), fc.nat(64), (value, from, to) => {
        const [start, end] = [Math.min(from, to), Math.max(from, to)];
        const mask = ((1n << BigInt(end - start)) - 1n) << BigInt(start);
        expect(valueOf(PageBits.range(start, end))).toBe(mask);
        expect(valueOf(of(value).and(of(mask)))).toBe(value & mask);
        expect(valueOf(of(value).or(of(mask)))).toBe(value | mask);
        expect(valueOf(of(value).without(of(mask)))).toBe(value & ~mask);
        expect(of(value).count).toBe([...value.toString(2)].filter((bit) => bit === '1').length);
      }),
    );
  });
});
