import { describe, expect, it } from 'vitest';
import { ByteSlab } from './byte-slab.ts';

describe('ByteSlab', () => {
  it('hands out zeroed arrays that share no byte', () => {
    const slab = new ByteSlab();
    const arrays = Array.from({ length: 200 }, (_, index) => slab.take((index * 131) % 8300));
    for (const [index, array] of arrays.entries()) {
      expect(array).toHaveLength((index * 131) % 8300);
      expect(array.every((byte) => byte === 0)).toBe(true);
      array.fill(index + 1);
    }
    for (const [index, array] of arrays.entries())
      expect(array.every((byte) => byte === ((index + 1) & 0xff))).toBe(true);
  });

  it('aligns every array to 8 bytes', () => {
    const slab = new ByteSlab();
    for (const length of [1, 3, 8, 0, 4096, 7]) expect(slab.take(length).byteOffset % 8).toBe(0);
  });

  it('does not keep a slab alive for a long array', () => {
    expect(new ByteSlab().take(100_000).buffer.byteLength).toBe(100_000);
  });
});
