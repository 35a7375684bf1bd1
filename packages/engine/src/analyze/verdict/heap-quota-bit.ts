import { runToEnd } from '../../memory/index.ts';
import { decodeHeapType, describePool, type HeapBlock, heapTypeBits } from '../../pool/index.ts';
import { victimOf } from './block-facts.ts';
import type { Finding } from './finding.ts';
import { parameterWith, type Scene } from './scene.ts';
import { seenBlock } from './small-pool.ts';

const [badPoolCaller, badQuota] = [0xc2, 0xdn];
/** Offset of PoolType in a header, and so many blocks in use have to be without the bit. */
const [typeAt, fewestOthers] = [3n, 2];

/**
 * A free was refused since its header says that a process pays, and what should name the process names none: where no other block
 * with its tag around has that bit, it is the bit that is wrong, and with it turned back the header is whole.
 */
export function heapQuotaBitFinding(scene: Scene): Finding | undefined {
  const { system } = scene;
  const [code] = system.target.dump.header.bugCheckParameters;
  if (system.bugCheck.baseCode !== badPoolCaller || code !== badQuota) return undefined;
  const address = parameterWith(scene, 'pool-address');
  if (address === undefined) return undefined;
  const report = runToEnd(describePool(system, address));
  const range = report.kind === 'segment-heap' ? report.page.range : undefined;
  if (report.kind !== 'segment-heap' || range === undefined) return undefined;
  const { block, page } = report;
  if (block?.state !== 'allocated' || block.data !== address || !hasQuota(block)) return undefined;
  // Frees leave a header as it is.
  const used = page.blocks.filter(({ state, header }) => state !== 'free' && header !== undefined);
  const alike = used.filter((other) => other !== block && other.tagValue === block.tagValue);
  const others = alike.length >= fewestOthers ? alike : used.filter((other) => other !== block);
  if (others.length < fewestOthers || others.some(hasQuota)) return undefined;
  const text = system.shortText;
  const what = alike === others ? `with its tag` : 'on its page';
  return {
    kind: 'single-bit-error',
    summary: `One bit of the header of the block at ${text(block.address)} is not what it was`,
    block: null,
    victims: [victimOf(system, seenBlock(block, range.heap))],
    damage: { start: system.hex(block.address + typeAt), length: 1, pattern: 'bit', text: null },
    freedAddress: null,
    grounds: [
      {
        rule: 'bug-check-names',
        claim: `The bug check says that nobody is the process which pays for ${text(address)}.`,
        command: '.bugcheck',
      },
      {
        rule: 'one-bit',
        claim: `None of the ${others.length} other blocks ${what} is paid for by a process: with bit 3 of PoolType turned back the header is whole.`,
        command: `!pool ${text(address)}`,
      },
    ],
    suspects: [],
  };
}

const hasQuota = ({ header }: HeapBlock): boolean =>
  header !== undefined &&
  decodeHeapType(header.type).isValid &&
  (header.type & heapTypeBits.quota) !== 0 &&
  header.previousSize === 0;
