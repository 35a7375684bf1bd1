import { pageOf, type Va } from '../../base/index.ts';
import { type HeapBlock, type HeapReport, readPage } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { classicBlock } from './block-facts.ts';
import type { Finding, Ground } from './finding.ts';
import { writtenInFreed } from './freed-extent.ts';
import { type FormerBlock, formerBlock } from './heap-former-block.ts';
import { addressKeepers, givenTwiceFinding } from './heap-given-twice.ts';
import { linkAt } from './heap-links.ts';
import type { Place } from './places.ts';
import type { Scene } from './scene.ts';
import { smallPoolOf } from './small-pool.ts';

/**
 * A bad pointer that was loaded from memory of a heap that is free, or kept for the next request. Where the heap has a link
 * of its own it was written after the free; elsewhere the block was read after its free.
 */
export function heapFreedFinding(
  scene: Scene,
  report: HeapReport,
  place: Place,
  cell: Va,
): Finding | undefined {
  return givenTwiceFinding(scene, report, place, cell) ?? freedMemoryFinding(scene, report, place, cell);
}

/** The same; `isFirst`: only where the cell is the first word of a freed block, which a list kept its link in. */
export function freedMemoryFinding(
  scene: Scene,
  report: HeapReport,
  place: Place,
  cell: Va,
  isFirst = false,
): Finding | undefined {
  const { system } = scene;
  const { block } = report;
  const seen = smallPoolOf(report);
  if (block === undefined || seen?.block === undefined) return undefined;
  if (block.state !== 'free' && block.state !== 'cached') return undefined;
  const former = formerBlock(system, report.page, block, cell);
  if (former === undefined) return undefined;
  const wasLink = isFirst ? 'the link of the list of delayed frees' : undefined;
  if (isFirst && cell !== former.address + headerBytes) return undefined;
  const link = linkAt(block, cell) ?? wasLink;
  const body = former.address + headerBytes;
  if (link === undefined && cell < body) return undefined;
  const tag = former.tag === undefined ? '' : ` tagged ${former.tag.trimEnd()}`;
  const damage = link === undefined ? null : written(scene, former, cell);
  const text = damage?.text ?? undefined;
  return {
    kind: 'use-after-free',
    summary: `A block${tag} was ${link === undefined ? 'used' : 'written into'} after it was freed`,
    block: {
      ...classicBlock(system, seen.block, report.region),
      ...factsOf(system, former),
    },
    victims: [],
    damage,
    freedAddress: null,
    grounds: [...place.grounds, ...freeGrounds(system, block, cell, link)],
    suspects: former.tag === undefined ? addressKeepers(scene, body) : [],
    ...(text === undefined ? {} : { payload: text }),
  };
}

const headerBytes = 0x10n;

/** A freed block as it was. */
export const factsOf = ({ hex }: CrashedSystem, { address, size, tag }: FormerBlock) =>
  ({ address: hex(address), size: size ?? null, tag: tag ?? null, state: 'free' }) as const;

/** What was written over the link. */
function written(scene: Scene, { address, size }: FormerBlock, cell: Va): Finding['damage'] {
  const page = readPage(scene.system.memory, pageOf(cell));
  const at = (place: Va): number => Math.min(page.bytes.length, Math.max(0, Number(place - page.address)));
  const end = size === undefined ? page.bytes.length : at(address + BigInt(size));
  const body = Math.min(at(address + headerBytes), at(cell));
  return writtenInFreed(scene, { page: page.address, bytes: page.bytes, body, end }, at(cell));
}

const states: Readonly<Record<HeapBlock['state'], string>> = {
  free: 'is free',
  cached: 'was freed, and is kept for the next request',
  allocated: 'is in use',
  unknown: 'is not known',
};

function freeGrounds(
  { shortText: text }: CrashedSystem,
  { address, state, cachedIn }: HeapBlock,
  cell: Va,
  link: string | undefined,
): Ground[] {
  const where = cachedIn === undefined ? '' : ` (${cachedIn})`;
  return [
    {
      rule: 'header-free',
      claim: `${text(cell)} is in the block at ${text(address)}, which ${states[state]}${where}.`,
      command: `!pool ${text(cell)} 2`,
    },
    link === undefined
      ? {
          rule: 'through-free-block',
          claim: 'What stands in a free block belongs to nobody.',
          command: `dq ${text(cell)} L1`,
        }
      : {
          rule: 'link-overwritten',
          claim: `The heap keeps ${link} there, and what stands there is none.`,
          command: `dq ${text(cell)} L2`,
        },
  ];
}
