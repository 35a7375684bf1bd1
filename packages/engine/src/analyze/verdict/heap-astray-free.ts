import { runToEnd } from '../../memory/index.ts';
import { describePool } from '../../pool/index.ts';
import { classicBlock } from './block-facts.ts';
import { inside } from './caller-judgement.ts';
import { callerSuspects } from './caller-suspects.ts';
import { unallocated } from './caller-table.ts';
import type { Finding } from './finding.ts';
import { astrayChunks, astrayGround, heldAddresses } from './heap-chunk-places.ts';
import type { Scene } from './scene.ts';
import { seenBlock } from './small-pool.ts';

/** From a chunk header to the memory of its block. */
const toData = 0x20n;

/**
 * A free of an address amid a block: the heap took what stands in front of it for a chunk header, and went where that leads. The
 * page is whole, and no chunk begins there.
 */
export function heapAstrayFreeFinding(scene: Scene): Finding | undefined {
  const { system } = scene;
  const held = new Set(heldAddresses(scene, 1n));
  for (const astray of astrayChunks(scene, 1n)) {
    const { chunk } = astray;
    const data = chunk + toData;
    const report = runToEnd(describePool(system, data));
    if (report.kind !== 'segment-heap' || report.page.verdict !== 'whole') continue;
    const { block, page, region } = report;
    const isAmid = block?.state === 'allocated' && data > block.address && block.data !== data;
    if (!isAmid || block.chunk?.address === chunk || !held.has(data)) continue;
    const text = inside.says.replace('%', system.shortText(data));
    return {
      kind: inside.kind,
      summary: text,
      block: classicBlock(system, seenBlock(block, page.range!.heap), region),
      victims: [],
      damage: null,
      freedAddress: data,
      grounds: [
        astrayGround(scene, astray),
        {
          rule: 'in-allocator',
          claim: `No chunk begins at ${system.shortText(chunk)}: it is in the block at ${system.shortText(block.address)}, and ${system.shortText(data)} is at hand where the heap was at work.`,
          command: `!pool ${system.shortText(data)} 2`,
        },
      ],
      suspects: callerSuspects(scene, unallocated, data),
    };
  }
  return undefined;
}
