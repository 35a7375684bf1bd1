import {
  isPrintableTag,
  type PoolBlock,
  type PoolPage,
  poolFormat,
  readPage,
  tagText,
} from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { victimOf } from './block-facts.ts';
import { passedTag } from './caller-judgement.ts';
import type { Finding, Ground } from './finding.ts';
import { headerChange, headerKnowledge, knownHeader } from './known-header.ts';
import type { SmallPool } from './small-pool.ts';

/**
 * A free that was refused for its tag, where the tag in the header is none that a driver would choose, or differs from the one
 * of the call in one bit: the header was written over, and the call says what it was. Undefined: the tags are two tags.
 */
export function overwrittenTag(
  system: CrashedSystem,
  { block, page }: SmallPool,
  grounds: readonly Ground[],
): Finding | undefined {
  if (block === undefined || page.verdict === 'damaged') return undefined;
  const tag = passedTag(system);
  const difference = tag === undefined ? 0 : (block.tagValue & 0x7fff_ffff) ^ tag;
  const isBit = difference !== 0 && (difference & (difference - 1)) === 0;
  if (!isBit && isPrintableTag(block.tagValue)) return undefined;
  const [first, end] = changedBytes(system, page, block, tag);
  const at = system.shortText(block.address);
  const isOne = isBit && end === first + 1;
  return {
    kind: isOne ? 'single-bit-error' : 'stray-write',
    summary: isOne
      ? `One bit of the tag of the block at ${at} is not what it was`
      : `The header of the block at ${at} was written over`,
    block: null,
    victims: [{ ...victimOf(system, block), tag: tag === undefined ? null : tagText(tag) }],
    damage: {
      start: system.hex(block.address + BigInt(first)),
      length: end - first,
      pattern: isOne ? 'bit' : 'mixed',
      text: null,
    },
    freedAddress: null,
    grounds: [...grounds, tagGround(at, tag)],
    suspects: [],
  };
}

/** Offset of the tag in a header, and of what is behind it. */
const [tagAt, tagEnd] = [4, 8];

/** Which bytes of the header are others than they were: of a tag that nobody knows all. */
function changedBytes(
  system: CrashedSystem,
  page: PoolPage,
  { address }: PoolBlock,
  tag: number | undefined,
): [first: number, end: number] {
  const format = poolFormat(system);
  const read = readPage(system.memory, page.address);
  const at = Number(address - page.address);
  const expected = page.expected.find(({ at: place }) => place === address);
  const known = knownHeader(read, at, format, expected, headerKnowledge(read, page.blocks, format));
  for (let byte = 0; byte < 4; byte++) {
    const was = tag === undefined ? ~read.bytes[at + tagAt + byte]! : tag >>> (8 * byte);
    // The last bit says whether the tag is protected, which the call need not repeat.
    const mask = byte === 3 && tag !== undefined ? 0x7f : 0xff;
    known.values[tagAt + byte] = was & mask;
    known.masks[tagAt + byte] = mask;
  }
  const change = headerChange(read.bytes, at, known);
  return change === undefined ? [tagAt, tagEnd] : [change.first, change.end];
}

const tagGround = (at: string, tag: number | undefined): Ground => ({
  rule: 'tag-overwritten',
  claim: `The tag in the header at ${at} is none${tag === undefined ? '' : `; the free named the tag ${tagText(tag).trimEnd()}, which stood there`}.`,
  command: `db ${at} L10`,
});
