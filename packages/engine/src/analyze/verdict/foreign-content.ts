import type { Va } from '../../base/index.ts';
import { PagedMemory } from '../../mmu/index.ts';
import { type PoolBlock, poolFormat } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { classicBlock, victimOf } from './block-facts.ts';
import type { Finding } from './finding.ts';
import { bitOfPointer, type FlippedBit } from './flipped-bit.ts';
import { holdersOf } from './holders.ts';
import { moduleAt } from './images.ts';
import { callerOf } from './log-of-block.ts';
import type { Place } from './places.ts';
import { type Scene, sureStack } from './scene.ts';
import { showModule } from './show.ts';
import { holdText, likenessOf } from './siblings.ts';
import { type SmallPool, smallPoolAt } from './small-pool.ts';
import { driversWithTag } from './tag-users.ts';
import { writtenOver } from './written-over.ts';

/**
 * A bad pointer that was loaded from a block in use, on a page without damage: the block is not what the code takes it for.
 * If another driver allocates blocks with its tag, the code holds the address of a block that it has freed; if the block is
 * the code's own, somebody else has written into it.
 */
export function foreignContentFinding(scene: Scene, report: SmallPool, place: Place): Finding | undefined {
  const { system } = scene;
  const { block, page } = report;
  const { load } = place;
  if (load === undefined || block === undefined || block.state !== 'allocated' || page.verdict !== 'whole')
    return undefined;
  const reader = readerOf(scene, load.instruction.address);
  const owners = driversWithTag(system, block.tag);
  if (reader === undefined || owners.size === 0) return undefined;
  const at = Number(load.cell - block.address) - poolFormat(system).unit;
  const like = likenessOf(system, block.tag, block.address).subarray(Math.max(0, at));
  const bit = bitOfPointer(system, load, like);
  if (bit !== undefined) return oneBit(scene, block, place, bit);
  if (owners.has(reader.image) && isOwnValue(system, block, load.value, at)) return undefined;
  return owners.has(reader.image)
    ? writtenOver(scene, report, block, { ...place, load })
    : ofAnother(scene, report, block, place, reader, [...owners][0]!);
}

/** Does a driver have such values in its blocks: an error code, or text that stands in the others too? */
const isOwnValue = (system: CrashedSystem, block: PoolBlock, value: bigint, at: number): boolean =>
  isStatus(value) ||
  (at >= 0 && holdText(system, block.tag, block.address, at, at + system.target.pointerSize));

/** Is a value an error code of Windows? A driver stores those itself. */
const isStatus = (value: bigint): boolean =>
  (BigInt.asUintN(64, value) >> 31n === 0x1_ffff_ffffn || BigInt.asUintN(64, value) >> 32n === 0n) &&
  (value & 0xf000_0000n) === 0xc000_0000n;

/** A link with one bit wrong: memory, rather than code, did that. */
function oneBit(
  { system }: Scene,
  block: PoolBlock,
  { load, grounds }: Place,
  { bit, because, was }: FlippedBit,
): Finding {
  const at = load!.cell + BigInt(bit >> 3);
  const claim = `With bit ${bit} turned back, ${system.shortText(was)}, the pointer ${because}.`;
  const command = `dq ${system.shortText(load!.cell)} L1; !pool ${system.shortText(was)} 2`;
  return {
    kind: 'single-bit-error',
    summary: `One bit of a pointer in a block tagged ${block.tag.trimEnd()} is not what it was`,
    block: null,
    victims: [victimOf(system, block)],
    damage: { start: system.hex(at), length: 1, pattern: 'bit', text: null },
    freedAddress: null,
    grounds: [...grounds, { rule: 'one-bit', claim, command }],
    suspects: [],
  };
}

type Reader = NonNullable<ReturnType<typeof callerOf>>;

/** The driver whose code loaded the pointer, or for which the kernel did. */
const readerOf = ({ system, frames }: Scene, at: Va): Reader | undefined =>
  callerOf(system, [at, ...sureStack(frames)]);

/** One who has freed a block and uses it still keeps its address; one who was handed a wrong address does not. */
function ofAnother(
  scene: Scene,
  report: SmallPool,
  block: PoolBlock,
  place: Place,
  reader: Reader,
  owner: string,
): Finding | undefined {
  const { system } = scene;
  // A small dump does not tell who keeps the address.
  if (!(system.memory instanceof PagedMemory)) return undefined;
  const body = block.address + BigInt(poolFormat(system).unit);
  const tag = block.tag.trimEnd();
  const keeper = keeperOf(scene, body, reader.image);
  if (keeper === undefined) return handedOver(scene, block, place, reader, owner);
  const kept = system.shortText(keeper);
  const claim = `The block there, tagged ${tag}, is in use by ${owner}; ${reader.image} names no such tag in its code, and keeps its address at ${kept}.`;
  return {
    kind: 'use-after-free',
    summary: `A block was used after it was freed: it belongs to ${owner} by now, tagged ${tag}`,
    block: { ...classicBlock(system, block, report.region), tag: null, state: 'free' },
    victims: [victimOf(system, block)],
    damage: null,
    freedAddress: null,
    grounds: [
      ...place.grounds,
      { rule: 'of-another', claim, command: `!tagusers ${tag}; dq ${kept} L1; ${showModule(scene, keeper)}` },
    ],
    suspects: [
      {
        module: reader.image,
        rule: 'used-freed',
        because: `took a pointer out of a block that is not its own, at ${reader.name}`,
      },
    ],
  };
}

/** Where a driver keeps an address: in its image, or in a block with a tag of its own. */
function keeperOf({ system }: Scene, address: Va, image: string): Va | undefined {
  return holdersOf(system, address).find((at) => {
    const module = moduleAt(system, at);
    if (module !== undefined) return module.image === image;
    const block = smallPoolAt(system, at)?.block;
    return block?.state === 'allocated' && driversWithTag(system, block.tag).has(image);
  });
}

/** A driver works on a block of another one, and keeps its address nowhere. */
function handedOver(scene: Scene, block: PoolBlock, place: Place, reader: Reader, owner: string): Finding {
  const tag = block.tag.trimEnd();
  const claim = `The block there, tagged ${tag}, is in use by ${owner}; ${reader.image} names no such tag in its code, and does not keep its address.`;
  return {
    kind: 'not-pool',
    summary: `${reader.image} was handed the address of a block that belongs to ${owner}, tagged ${tag}, and found no pointer in it`,
    block: null,
    victims: [],
    damage: null,
    freedAddress: null,
    grounds: [
      ...place.grounds,
      { rule: 'handed-over', claim, command: `!tagusers ${tag}; ${showModule(scene, reader.at)}` },
    ],
    suspects: [
      {
        module: reader.image,
        rule: 'nearest-driver',
        because: `took a pointer out of a block that is not its own, at ${reader.name}`,
      },
    ],
  };
}
