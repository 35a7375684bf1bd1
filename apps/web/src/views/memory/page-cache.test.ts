import { describe, expect, it } from 'vitest';
import { PageCache } from './page-cache.ts';

describe('PageCache', () => {
  it('asks for each page once, and tells bytes that are absent from those on their way', async () => {
    const asked: bigint[] = [];
    let arrived = 0;
    const cache = new PageCache(
      (address, length) => {
        asked.push(address);
        const mask = new Uint8Array(length).fill(1);
        mask[2] = 0;
        return Promise.resolve({ address, bytes: new Uint8Array(length).fill(7), mask });
      },
      () => arrived++,
    );
    expect(cache.byteAt(0x1001n)).toBeNull();
    expect(cache.byteAt(0x1002n)).toBeNull();
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
    expect([cache.byteAt(0x1001n), cache.byteAt(0x1002n)]).toEqual([7, undefined]);
    expect({ asked, arrived }).toEqual({ asked: [0x1000n], arrived: 1 });
  });

  it('takes a refusal for memory that is not there', async () => {
    const cache = new PageCache(
      () => Promise.reject(new Error('closed')),
      () => {},
    );
    expect(cache.byteAt(0n)).toBeNull();
    await new Promise((resolve) => setImmediate(resolve));
    expect(cache.byteAt(0n)).toBeUndefined();
  });
});
