import type { Va } from '../../base/index.ts';
import { PagedMemory } from '../../mmu/index.ts';
import { poolFormat } from '../../pool/index.ts';
import { classicBlock, victimOf } from './block-facts.ts';
import type { Finding, Ground } from './finding.ts';
import type { callerOf } from './log-of-block.ts';
import type { Scene } from './scene.ts';
import type { SmallPool } from './small-pool.ts';
import { strangerHolding } from './stranger.ts';
import { keeper, keptGround } from './stranger-reasons.ts';

interface Circumstances {
  readonly grounds: readonly Ground[];
  /** Who used the block. */
  readonly reader: ReturnType<typeof callerOf>;
}

/**
 * A driver uses a block that is free by its whole header. If another driver keeps its address, which had it before by that, it
 * has freed the block again under its owner; else the user itself has freed it.
 */
export function freedUnderOwner(
  scene: Scene,
  { block, region }: SmallPool,
  at: Va,
  { grounds, reader }: Circumstances,
): Finding | undefined {
  const { system } = scene;
  // A small dump does not tell who keeps the address.
  if (!(system.memory instanceof PagedMemory)) return undefined;
  const freed = block!;
  const text = system.shortText;
  const body = freed.address + BigInt(poolFormat(system).unit);
  const stranger = strangerHolding(system, body, freed.tag);
  const facts = classicBlock(system, freed, region);
  const tag = freed.tag.trimEnd();
  const free: Ground = {
    rule: 'through-free-block',
    claim: `${text(at)} is in the block at ${text(freed.address)}, tagged ${tag}, which is free.`,
    command: `!pool ${text(at)} 2`,
  };
  const common = { victims: [], damage: null, freedAddress: null };
  if (stranger === undefined)
    return {
      ...common,
      kind: 'use-after-free',
      summary: `A block tagged ${tag} was used after it was freed`,
      block: facts,
      grounds: [...grounds, free],
      suspects:
        reader === undefined
          ? []
          : [{ module: reader.image, rule: 'used-freed', because: `used it, at ${reader.name}` }],
    };
  return {
    ...common,
    kind: 'double-free',
    summary: `A block was freed under its owner, who allocated it with the tag ${tag}`,
    block: { ...facts, tag: null },
    victims: [victimOf(system, freed)],
    freedAddress: body,
    grounds: [...grounds, free, ...keptGround(scene, stranger)],
    suspects: keeper(scene, stranger),
  };
}
