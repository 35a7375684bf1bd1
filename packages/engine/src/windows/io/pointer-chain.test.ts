import { describe, expect, it } from 'vitest';
import { describeChainEnd, followChain } from './pointer-chain.ts';

const links = new Map<bigint, bigint>([
  [1n, 2n],
  [2n, 3n],
  [3n, 0n],
  [4n, 5n],
  [5n, 4n],
  [6n, 7n],
]);
const next = (item: bigint) => links.get(item);

describe('a chain of pointers', () => {
  it.each([
    ['its null pointer', 1n, 9, [1n, 2n, 3n], 'complete', undefined],
    ['nothing', 0n, 9, [], 'complete', undefined],
    ['a circle', 4n, 9, [4n, 5n], 'cycle', 'it runs in a circle'],
    ['a pointer that is missing', 6n, 9, [6n, 7n], 'missing', 'its next pointer is not in this dump'],
    ['no beginning', undefined, 9, [], 'missing', 'its next pointer is not in this dump'],
    ['the limit', 1n, 2, [1n, 2n], 'limit', 'there are more than are listed'],
  ] as const)('ends at %s', (_name, first, limit, items, end, text) => {
    const chain = followChain(first, next, limit);
    expect(chain).toEqual({ items, end });
    expect(describeChainEnd(chain)).toBe(text);
  });
});
