import type { Va } from '../../base/index.ts';
import { runToEnd, searchMemory, valuePattern } from '../../memory/index.ts';
import {
  decodeHeader,
  describePool,
  isPrintableTag,
  type PoolFormat,
  type PoolHeader,
  type PoolPageReport,
  poolFormat,
  poolRanges,
  readPage,
  tagText,
} from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { badPointer } from './bad-pointer.ts';
import { classicBlock } from './block-facts.ts';
import { damageOf } from './damage-facts.ts';
import type { Finding, Ground } from './finding.ts';
import { payloadAt } from './payload.ts';
import type { Scene } from './scene.ts';
import { withSuspects } from './with-suspects.ts';

/** A value that stands in more places than these is one that any data may hold. */
const mostHits = 64;
const mostBytes = 0x2000_0000n;

/**
 * Where the allocator followed a bad pointer that it had taken from a freed block, the block may be merged into free memory by
 * then: the value still stands there, behind what was its header.
 */
export function staleValueFinding(scene: Scene): Finding | undefined {
  const { system } = scene;
  const value = badPointer(scene);
  if (value === undefined) return undefined;
  for (const cell of cellsWith(system, value)) {
    const report = runToEnd(describePool(system, cell));
    const found = report.kind === 'classic' ? freedBlockAt(system, report, cell, value) : undefined;
    if (found !== undefined) return withSuspects(scene, found);
  }
  return undefined;
}

function cellsWith(system: CrashedSystem, value: bigint): readonly Va[] {
  const { pointerSize } = system.target;
  const pattern = valuePattern([value], pointerSize);
  const cells: Va[] = [];
  for (const { start, end } of poolRanges(system, ['nonpaged', 'paged'])) {
    const run = searchMemory(system.memory, { start, end }, pattern, { limit: mostHits + 1 });
    let searched = 0n;
    for (let step = run.next(); step.done !== true && searched < mostBytes; step = run.next()) {
      cells.push(...step.value.hits);
      searched = step.value.at - start;
    }
    if (cells.length > mostHits) return [];
  }
  return cells;
}

/** The block that a cell was the first words of, when all memory around it is free now. */
function freedBlockAt(
  system: CrashedSystem,
  { block, page, region }: PoolPageReport,
  cell: Va,
  value: bigint,
): Finding | undefined {
  if (block === undefined || block.state === 'allocated') return undefined;
  const format = poolFormat(system);
  const { bytes } = readPage(system.memory, page.address);
  const head = Number(cell - page.address) - format.unit;
  const old = head < 0 ? undefined : staleHeader(bytes, head, format);
  if (old === undefined) return undefined;
  const body = head + format.unit;
  const payload = payloadAt(bytes.subarray(0, head + old.size), body, body);
  const tag = tagText(old.tag);
  return {
    kind: 'use-after-free',
    summary: `A block tagged ${tag.trimEnd()} was written into after it was freed`,
    block: {
      ...classicBlock(system, block, region),
      address: system.hex(page.address + BigInt(head)),
      size: old.size,
      tag,
      state: 'free',
    },
    victims: [],
    damage: damageOf(system, page.address, payload, { at: body, length: format.unit / 2 }),
    freedAddress: null,
    grounds: groundsOf(system, cell, value, tag),
    suspects: [],
    ...(payload?.text === undefined ? {} : { payload: payload.text }),
  };
}

function groundsOf({ shortText: text }: CrashedSystem, cell: Va, value: bigint, tag: string): Ground[] {
  return [
    {
      rule: 'followed-pointer',
      claim: `The kernel followed the pointer ${text(value)}, which is none.`,
      command: 'r',
    },
    {
      rule: 'value-in-free-block',
      claim: `That value stands at ${text(cell)}, where a freed block keeps its link.`,
      command: `dq ${text(cell)} L1`,
    },
    {
      rule: 'through-free-block',
      claim: `The block there, tagged ${tag.trimEnd()} by what is left of its header, is free.`,
      command: `!pool ${text(cell)} 2`,
    },
  ];
}

/** What was a header before the block was merged with its neighbours. */
function staleHeader(bytes: Uint8Array, at: number, format: PoolFormat): PoolHeader | undefined {
  const header = decodeHeader(bytes, at, format);
  const fits = header.size > format.unit && at + header.size <= bytes.length;
  return fits && isPrintableTag(header.tag) ? header : undefined;
}
