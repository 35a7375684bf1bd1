import { pageSize } from '../../base/index.ts';
import type { UnexplainedExtent } from '../../pool/index.ts';
import { type DamagedPage, offsetIn, type PageDamage, spanOf } from './damage-span.ts';

/** Bytes where a header would be and behind it. A write of so many zeros would hardly end with the page. */
const fewestZeros = 0x40;

/**
 * The last block of a page, which one bit of its size has made smaller: with the bit turned back it reaches to the end of the
 * page, and what was behind it are its own bytes, not filled yet. Other bytes may have been written over its end.
 */
export function shrunkBlock(damaged: DamagedPage, extent: UnexplainedExtent): PageDamage | undefined {
  const behind = damaged.read.bytes.subarray(offsetIn(damaged, extent.start)).subarray(0, fewestZeros);
  return behind.some((byte) => byte !== 0) ? undefined : shrunkBit(damaged, extent);
}

/** The same, whatever is behind it. */
export function shrunkBit(damaged: DamagedPage, { start, end }: UnexplainedExtent): PageDamage | undefined {
  const { page } = damaged;
  const [error, other] = page.bitErrors;
  const block = page.blocks.find(({ address, size }) => address + BigInt(size) === start);
  const isLast = offsetIn(damaged, end) % pageSize === 0 && page.unexplained.length === 1;
  if (error === undefined || other !== undefined || !isLast || error.at !== block?.address) return undefined;
  const at = offsetIn(damaged, block.address);
  const size = offsetIn(damaged, end) - at;
  const byte = at + (error.bit >> 3);
  return {
    ...spanOf(damaged, 'bit', [byte, byte + 1]),
    pattern: 'bit',
    victim: { at: block.address, size, block: { ...block, size } },
    rules: ['one-bit'],
  };
}
