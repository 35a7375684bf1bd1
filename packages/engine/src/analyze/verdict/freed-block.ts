import type { Va } from '../../base/index.ts';
import { type PoolBlock, poolFormat, readPage } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { classicBlock } from './block-facts.ts';
import type { Finding, Ground } from './finding.ts';
import { writtenInFreed } from './freed-extent.ts';
import type { Place } from './places.ts';
import type { Scene } from './scene.ts';
import type { SmallPool } from './small-pool.ts';

/**
 * A bad pointer that was loaded from a block which is free by its whole header. In the allocator's own links there it was
 * written after the free; elsewhere the block was read after its free.
 */
export function freedBlockFinding(
  scene: Scene,
  report: SmallPool,
  place: Place,
  cell: Va,
): Finding | undefined {
  const { system } = scene;
  const { block } = report;
  if (block === undefined || block.state === 'allocated') return undefined;
  const { unit } = poolFormat(system);
  const body = block.address + BigInt(unit);
  if (cell < body) return undefined;
  const isLink = cell < body + BigInt(unit);
  const tag = block.tag.trimEnd();
  const damage = isLink ? written(scene, block, cell) : null;
  const text = damage?.text ?? undefined;
  return {
    kind: 'use-after-free',
    summary: isLink
      ? `A block tagged ${tag} was written into after it was freed`
      : `A block tagged ${tag} was used after it was freed`,
    block: classicBlock(system, block, report.region),
    victims: [],
    damage,
    freedAddress: null,
    grounds: [...place.grounds, ...freeGrounds(system, block, cell, isLink)],
    suspects: [],
    ...(text === undefined ? {} : { payload: text }),
  };
}

/** What was written over the links. */
function written(scene: Scene, block: PoolBlock, cell: Va): Finding['damage'] {
  const { system } = scene;
  const page = readPage(system.memory, block.address & ~0xfffn);
  const head = Number(block.address - page.address);
  const memory = {
    page: page.address,
    bytes: page.bytes,
    body: head + poolFormat(system).unit,
    end: head + block.size,
  };
  return writtenInFreed(scene, memory, Number(cell - page.address));
}

function freeGrounds(system: CrashedSystem, block: PoolBlock, cell: Va, isLink: boolean): Ground[] {
  const at = system.shortText(block.address);
  return [
    {
      rule: 'header-free',
      claim: `${system.shortText(cell)} is in the block at ${at}, whose header is whole and says that it is free.`,
      command: `!pool ${system.shortText(cell)} 2`,
    },
    isLink
      ? {
          rule: 'link-overwritten',
          claim: 'The allocator keeps a link there, and what stands there is none.',
          command: `dq ${system.shortText(cell)} L2`,
        }
      : {
          rule: 'through-free-block',
          claim: 'What stands in a free block belongs to nobody.',
          command: `dq ${system.shortText(cell)} L1`,
        },
  ];
}
