import {
  decodeType,
  type PoolBlock,
  type PoolFormat,
  type PoolPage,
  type PoolPageReport,
  poolFormat,
} from '../../pool/index.ts';
import { victimOf } from './block-facts.ts';
import { badPoolCallerCode } from './caller-table.ts';
import type { PageDamage } from './damage-span.ts';
import type { Finding, Ground } from './finding.ts';
import type { Scene } from './scene.ts';

/** Where the type is in a header of 64 bits. */
const typeAt = 3;

/**
 * A block that is free by its header alone: no list leads to it, its memory begins with no links, and the types of blocks in use
 * around it differ from its own by one bit. Faulty memory clears a bit so; who frees a block puts it into a list.
 */
export function clearedInUse(
  { system }: Scene,
  { page, lists }: PoolPageReport,
  { block }: PageDamage,
): Finding | undefined {
  const format = poolFormat(system);
  if (block === undefined || !isFreeByOneBit(format, page, block)) return undefined;
  const isUnlisted =
    lists?.gaps.length === 0 &&
    lists.findings.some(({ kind, address }) => kind === 'unlisted' && address === block.address);
  if (!isUnlisted) return undefined;
  const tag = block.tag.trimEnd();
  const at = system.shortText(block.address);
  return {
    kind: 'single-bit-error',
    summary: `One bit of the header of a block tagged ${tag} is not what it was: only by that it is free`,
    block: null,
    victims: [{ ...victimOf(system, block), state: 'allocated' }],
    damage: {
      start: system.hex(block.address + BigInt(typeAt)),
      length: 1,
      pattern: 'bit',
      text: null,
    },
    freedAddress: null,
    grounds: [
      {
        rule: 'one-bit',
        claim: `The header at ${at} says that the block tagged ${tag} is free, but its memory begins with no links, and no list of free blocks leads to it.`,
        command: `!pool ${at} 2; dq ${system.shortText(block.address + BigInt(format.unit))} L2`,
      },
    ],
    suspects: [],
  };
}

/**
 * What speaks against a block being free by which a free was refused: by its header it is, but for one bit, and the lists that would
 * have it are not in the dump.
 */
export function doubtOfFree(
  { system }: Scene,
  { page, lists }: PoolPageReport,
  { block }: PageDamage,
): Ground[] {
  if (block === undefined || system.bugCheck.baseCode !== badPoolCallerCode || lists?.gaps.length === 0)
    return [];
  if (!isFreeByOneBit(poolFormat(system), page, block)) return [];
  const at = system.shortText(block.address);
  const claim = `One bit of the header at ${at} says that the block is free, and no list in the dump tells whether it is: the free may have been right, and the bit wrong.`;
  return [{ rule: 'looks-alike', claim, command: `!pool ${at} 2` }];
}

/** Do the types of blocks in use on its page differ from that of a free block by one bit? */
function isFreeByOneBit(format: PoolFormat, page: PoolPage, block: PoolBlock): boolean {
  if (format.unit !== 16 || block.size <= 2 * format.unit) return false;
  const types = page.blocks.filter(({ state }) => state === 'allocated').map(({ type }) => type);
  const bit = types
    .map((type) => type ^ block.type)
    .find((value) => value !== 0 && (value & (value - 1)) === 0);
  return bit !== undefined && decodeType(block.type ^ bit, format.encoding).state === 'allocated';
}
