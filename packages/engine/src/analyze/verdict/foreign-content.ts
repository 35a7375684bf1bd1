import type { Va } from '../../base/index.ts';
import { type PoolBlock, type PoolPageReport, poolFormat, readPage } from '../../pool/index.ts';
import { classicBlock, victimOf } from './block-facts.ts';
import { damageOf } from './damage-facts.ts';
import type { Finding, Ground } from './finding.ts';
import { flippedBit } from './flipped-bit.ts';
import { callerOf } from './log-of-block.ts';
import { payloadAt } from './payload.ts';
import type { Place } from './places.ts';
import { type Scene, sureStack } from './scene.ts';
import { driversWithTag } from './tag-users.ts';

/**
 * A bad pointer that was loaded from a block in use, on a page without damage: the block is not what the code takes it for.
 * If another driver allocates blocks with its tag, the code holds the address of a block that it has freed; if the block is
 * the code's own, somebody else has written into it.
 */
export function foreignContentFinding(
  scene: Scene,
  report: PoolPageReport,
  place: Place,
): Finding | undefined {
  const { system } = scene;
  const { block, page } = report;
  const { load } = place;
  if (load === undefined || block === undefined || block.state !== 'allocated' || page.verdict !== 'whole')
    return undefined;
  const reader = readerOf(scene, load.instruction.address);
  const owners = driversWithTag(system, block.tag);
  if (reader === undefined || owners.size === 0) return undefined;
  const bit = flippedBit(system, load.cell, load.value);
  if (bit !== undefined) return oneBit(scene, block, place, bit);
  return owners.has(reader.image)
    ? written(scene, report, block, place, load.cell)
    : readAfterFree(scene, report, block, place, reader, [...owners][0]!);
}

/** A link with one bit wrong: memory, rather than code, did that. */
function oneBit({ system }: Scene, block: PoolBlock, { load, grounds }: Place, bit: number): Finding {
  const at = load!.cell + BigInt(bit >> 3);
  const claim = `With bit ${bit} turned back the link leads to an entry that leads back to it.`;
  return {
    kind: 'single-bit-error',
    summary: `One bit of a link in a block tagged ${block.tag.trimEnd()} is not what it was`,
    block: null,
    victims: [victimOf(system, block)],
    damage: { start: system.hex(at), length: 1, pattern: 'bit', text: null },
    freedAddress: null,
    grounds: [...grounds, { rule: 'one-bit', claim, command: `dq ${system.shortText(load!.cell)} L1` }],
    suspects: [],
  };
}

type Reader = NonNullable<ReturnType<typeof callerOf>>;

/** The driver whose code loaded the pointer, or for which the kernel did. */
const readerOf = ({ system, frames }: Scene, at: Va): Reader | undefined =>
  callerOf(system, [at, ...sureStack(frames)]);

function readAfterFree(
  { system }: Scene,
  report: PoolPageReport,
  block: PoolBlock,
  place: Place,
  reader: Reader,
  owner: string,
): Finding {
  const tag = block.tag.trimEnd();
  const claim = `The block there, tagged ${tag}, is in use by ${owner}; ${reader.image} names no such tag in its code.`;
  return {
    kind: 'use-after-free',
    summary: `A block was used after it was freed: it belongs to ${owner} by now, tagged ${tag}`,
    block: { ...classicBlock(system, block, report.region), tag: null, state: 'free' },
    victims: [victimOf(system, block)],
    damage: null,
    freedAddress: null,
    grounds: [...place.grounds, { rule: 'of-another', claim, command: `!tagusers ${tag}` }],
    suspects: [
      {
        module: reader.image,
        rule: 'used-freed',
        because: `took a pointer out of a block that is not its own, at ${reader.name}`,
      },
    ],
  };
}

/** Somebody else's bytes in a block: from its first byte on, as its owner before would write them, or somewhere inside. */
function written(
  scene: Scene,
  report: PoolPageReport,
  block: PoolBlock,
  place: Place,
  cell: Va,
): Finding | undefined {
  const { system } = scene;
  const { unit } = poolFormat(system);
  const bytes = readPage(system.memory, report.page.address).bytes;
  const head = Number(block.address - report.page.address);
  const body = head + unit;
  const at = Number(cell - report.page.address);
  const payload = payloadAt(bytes.subarray(0, head + block.size), at, body);
  const isWhole = payload?.start === body;
  const tag = block.tag.trimEnd();
  const ground: Ground = {
    rule: isWhole ? 'foreign-from-start' : 'foreign-bytes',
    claim: `In the block there, tagged ${tag}, stand bytes that are none of its owner's.`,
    command: `db ${system.shortText(block.address + BigInt(unit))}`,
  };
  return {
    kind: isWhole ? 'use-after-free' : 'stray-write',
    summary: isWhole
      ? `A block tagged ${tag} was written over from its first byte, as by one who had it before`
      : `A block tagged ${tag} was written into by somebody else`,
    block: isWhole ? { ...classicBlock(system, block, report.region), tag: null, state: 'free' } : null,
    victims: [victimOf(system, block)],
    damage: damageOf(system, report.page.address, payload, { at, length: system.target.pointerSize }),
    freedAddress: null,
    grounds: [...place.grounds, ground],
    suspects: [],
    ...(payload?.text === undefined ? {} : { payload: payload.text }),
  };
}
