import { decodeType } from './block-type.ts';
import type { TypeEncoding } from './format.ts';
import type { PoolBlock, PoolProblem } from './page.ts';

/** What is wrong with headers that agree about sizes: types, and blocks that are not of the same pool as the others. */
export function checkBlocks(blocks: readonly PoolBlock[], encoding: TypeEncoding): PoolProblem[] {
  const index = commonIndex(blocks);
  const used = blocks.filter(({ paged, type }) => paged !== undefined && decodeType(type, encoding).isValid);
  const paged = majority(used.map((block) => (block.paged === true ? 1 : 0)));
  return blocks.flatMap((block): PoolProblem[] => {
    const at = block.address;
    const found = BigInt(block.type);
    if (!decodeType(block.type, encoding).isValid) return [{ rule: 'type', at, found: BigInt(block.type) }];
    if (index !== undefined && block.index !== index)
      return [{ rule: 'index', at, found: BigInt(block.index), expected: BigInt(index) }];
    const isOther = paged !== undefined && block.paged !== undefined && block.paged !== (paged === 1);
    return isOther ? [{ rule: 'pool', at, found }] : [];
  });
}

/** The pool descriptor that more than half of the blocks name, three at least: a page belongs to one. */
export const commonIndex = (blocks: readonly PoolBlock[]): number | undefined =>
  majority(blocks.map(({ index }) => index));

function majority(values: readonly number[]): number | undefined {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  for (const [value, count] of counts) if (count >= 3 && count * 2 > values.length) return value;
  return undefined;
}
