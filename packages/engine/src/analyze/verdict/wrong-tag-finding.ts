import type { Va } from '../../base/index.ts';
import { isPrintableTag, type PoolPageReport, poolFormat, readPage, tagText } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { victimOf } from './block-facts.ts';
import { passedTag } from './caller-judgement.ts';
import type { Finding, Ground } from './finding.ts';
import { headerChange, headerKnowledge, knownHeader } from './known-header.ts';

/**
 * A free that was refused for its tag, where the tag in the header is none that a driver would choose or differs from the one
 * of the call in few bits: the header was written over, and the call says what it was. Undefined: the tags are two tags.
 */
export function overwrittenTag(
  system: CrashedSystem,
  { block, page }: PoolPageReport,
  grounds: readonly Ground[],
): Finding | undefined {
  const tag = passedTag(system);
  if (block === undefined || tag === undefined || page.verdict === 'damaged') return undefined;
  const difference = (block.tagValue & 0x7fff_ffff) ^ tag;
  const isBit = difference !== 0 && (difference & (difference - 1)) === 0;
  if (!isBit && isPrintableTag(block.tagValue)) return undefined;
  const format = poolFormat(system);
  const read = readPage(system.memory, page.address);
  const at = Number(block.address - page.address);
  const expected = page.expected.find(({ at: place }) => place === block.address);
  const known = knownHeader(read, at, format, expected, headerKnowledge(read, page.blocks, format, [tag]));
  for (let byte = 0; byte < 4; byte++) {
    known.values[4 + byte] = (tag >>> (8 * byte)) & 0xff;
    known.masks[4 + byte] = byte === 3 ? 0x7f : 0xff;
  }
  const change = headerChange(read.bytes, at, known);
  if (change === undefined) return undefined;
  const isOne = isBit && change.end === change.first + 1;
  const text = system.shortText;
  return {
    kind: isOne ? 'single-bit-error' : 'stray-write',
    summary: isOne
      ? `One bit of the tag of the block at ${text(block.address)} is not what it was`
      : `The header of the block at ${text(block.address)} was written over`,
    block: null,
    victims: [{ ...victimOf(system, block), tag: tagText(tag) }],
    damage: {
      start: system.hex(block.address + BigInt(change.first)),
      length: change.end - change.first,
      pattern: isOne ? 'bit' : 'mixed',
      text: null,
    },
    freedAddress: null,
    grounds: [...grounds, tagGround(system, block.address, tag)],
    suspects: [],
  };
}

const tagGround = ({ shortText: text }: CrashedSystem, header: Va, tag: number): Ground => ({
  rule: 'tag-overwritten',
  claim: `The tag in the header at ${text(header)} is none; the free named the tag ${tagText(tag).trimEnd()}, which stood there.`,
  command: `db ${text(header)} L10`,
});
