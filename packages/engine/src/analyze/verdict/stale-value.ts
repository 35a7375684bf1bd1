import { Fault, type Va } from '../../base/index.ts';
import { valuePattern } from '../../memory/index.ts';
import { type PoolBlock, poolFormat, readPage, tagText } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { badPointer } from './bad-pointer.ts';
import { classicBlock, victimOf } from './block-facts.ts';
import type { Finding, Ground } from './finding.ts';
import { writtenInFreed } from './freed-extent.ts';
import type { Scene } from './scene.ts';
import { allPool, searchRanges } from './search-everywhere.ts';
import { showRegisters } from './show.ts';
import { type SmallPool, smallPoolAt } from './small-pool.ts';
import { staleHeader } from './stale-header.ts';
import { type Stranger, strangerHolding } from './stranger.ts';
import { keeper, keptGround } from './stranger-reasons.ts';
import { withSuspects } from './with-suspects.ts';

/** A value that stands in more places than these is one that any data may hold. */
const mostHits = 64;

/**
 * Where the allocator followed a bad pointer that it had taken from a freed block, the block may be merged into free memory by
 * then, or given away again: the value still stands there, behind what is or was its header.
 */
export function staleValueFinding(scene: Scene): Finding | undefined {
  const { system } = scene;
  const value = badPointer(scene);
  if (value === undefined) return undefined;
  const found = cellsWith(system, value).flatMap((cell) => {
    const report = smallPoolAt(system, cell);
    return report === undefined ? [] : (blockAt(system, report, cell) ?? []);
  });
  // Blocks of one kind may begin alike: one that another driver knows by its address had another owner before.
  const [best] = found.sort((a, b) => weightOf(b) - weightOf(a));
  return best && withSuspects(scene, findingOf(scene, best, value));
}

const weightOf = ({ tag, stranger }: OldBlock): number =>
  stranger !== undefined ? 2 : tag !== undefined ? 1 : 0;

/** Lists of spare blocks keep a link together with other bits in its lowest ones: these are not compared. */
const lowestBits = 0xf0;

export function cellsWith(system: CrashedSystem, value: bigint): readonly Va[] {
  const { pointerSize, memory } = { pointerSize: system.target.pointerSize, memory: system.memory };
  const bytes = valuePattern([BigInt.asUintN(pointerSize * 8, value)], pointerSize).bytes.subarray(1);
  // One value repeated is found at each of its bytes.
  const hits = searchRanges(system, allPool(system), { bytes, step: 1 }, mostHits * pointerSize + 1);
  const cells = hits
    .map((at) => at - 1n)
    .filter((cell) => cell % BigInt(pointerSize) === 0n)
    .filter((cell) => {
      const low = memory.tryRead(cell, 1);
      return !(low instanceof Fault) && (low[0]! & lowestBits) === Number(value & BigInt(lowestBits));
    });
  return hits.length > mostHits * pointerSize || cells.length > mostHits ? [] : cells;
}

/** A block whose memory began with the value. */
interface OldBlock {
  /** Offset of its header in the page. */
  readonly head: number;
  readonly size: number;
  /** Undefined: its memory was given away again, and has another one now. */
  readonly tag: string | undefined;
  readonly block: PoolBlock;
  readonly report: SmallPool;
  readonly cell: Va;
  /** Who keeps the address of a block that was given away again. */
  readonly stranger: Stranger | undefined;
}

/** The block that a cell is the first word of: in use again, or what is left of one where all memory around is free. */
function blockAt(system: CrashedSystem, report: SmallPool, cell: Va): OldBlock | undefined {
  const { block, page } = report;
  if (block === undefined) return undefined;
  const format = poolFormat(system);
  const head = Number(cell - page.address) - format.unit;
  const common = { head, block, report, cell };
  if (block.state === 'allocated') {
    if (page.verdict !== 'whole' || cell !== block.address + BigInt(format.unit)) return undefined;
    const stranger = strangerHolding(system, cell, block.tag);
    return { ...common, size: block.size, tag: undefined, stranger };
  }
  const { bytes } = readPage(system.memory, page.address);
  const old = head < 0 ? undefined : staleHeader(system, bytes, head, format);
  return old && { ...common, size: old.size, tag: tagText(old.tag), stranger: undefined };
}

function findingOf(scene: Scene, old: OldBlock, value: bigint): Finding {
  const { system } = scene;
  const { head, size, tag, block, stranger } = old;
  const { page, region } = old.report;
  const format = poolFormat(system);
  const body = head + format.unit;
  const { bytes } = readPage(system.memory, page.address);
  const damage = writtenInFreed(scene, { page: page.address, bytes, body, end: head + size }, body);
  const address = system.hex(page.address + BigInt(head));
  return {
    kind: 'use-after-free',
    summary:
      tag === undefined
        ? `A block was written into after it was freed, and given away again as ${block.tag.trimEnd()}`
        : `A block tagged ${tag.trimEnd()} was written into after it was freed`,
    block: { ...classicBlock(system, block, region), address, size, tag: tag ?? null, state: 'free' },
    victims: tag === undefined ? [victimOf(system, block)] : [],
    damage,
    freedAddress: null,
    grounds: [...groundsOf(scene, old, value), ...keptGround(scene, stranger)],
    suspects: keeper(scene, stranger),
    ...(damage.text === null ? {} : { payload: damage.text }),
  };
}

function groundsOf(scene: Scene, { cell, tag, block }: OldBlock, value: bigint): Ground[] {
  const text = scene.system.shortText;
  return [
    {
      rule: 'followed-pointer',
      claim: `The kernel followed the pointer ${text(value)}, which is none.`,
      command: showRegisters(scene),
    },
    {
      rule: 'value-in-free-block',
      claim: `That value stands at ${text(cell)}, where a freed block keeps its link.`,
      command: `dq ${text(cell)} L1`,
    },
    tag === undefined
      ? {
          rule: 'given-again',
          claim: `The block there was given away again since, tagged ${block.tag.trimEnd()}; its first bytes are still those of before.`,
          command: `!pool ${text(cell)} 2`,
        }
      : {
          rule: 'through-free-block',
          claim: `The block there, tagged ${tag.trimEnd()} by what is left of its header, is free.`,
          command: `!pool ${text(cell)} 2; db ${text(cell - BigInt(poolFormat(scene.system).unit))} L10`,
        },
  ];
}
