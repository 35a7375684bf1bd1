import type { Va } from '../../base/index.ts';
import { runToEnd } from '../../memory/index.ts';
import {
  decodeHeapType,
  describePool,
  type HeapBlock,
  type HeapPage,
  heapTypeBits,
  isKernelAddress,
} from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { victimOf } from './block-facts.ts';
import type { Finding } from './finding.ts';
import { parameterWith, type Scene } from './scene.ts';
import { seenBlock } from './small-pool.ts';

const [badPoolCaller, badQuota] = [0xc2, 0xdn];
/** Offset of PoolType in a header, and so many blocks in use have to be without the bit. */
const [typeAt, fewestOthers] = [3n, 2];

/**
 * A free was refused since its header says that a process pays, and what should name the process names none: where no other block
 * with its tag around has that bit, or what should name the process is older than the block, it is the bit that is wrong, and with
 * it turned back the header is whole.
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
  const why = withoutQuota(page, block) ?? leftOver(system, block, range.heap.address);
  if (why === undefined) return undefined;
  const text = system.shortText;
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
        claim: `${why}: with bit 3 of PoolType turned back the header is whole.`,
        command: `!pool ${text(address)}`,
      },
    ],
    suspects: [],
  };
}

/** Where no other block around has the bit; undefined: one has, or there are too few. */
function withoutQuota({ blocks }: HeapPage, block: HeapBlock): string | undefined {
  // Frees leave a header as it is.
  const used = blocks.filter(({ state, header }) => state !== 'free' && header !== undefined);
  const alike = used.filter((other) => other !== block && other.tagValue === block.tagValue);
  const others = alike.length >= fewestOthers ? alike : used.filter((other) => other !== block);
  if (others.length < fewestOthers || others.some(hasQuota)) return undefined;
  const what = alike === others ? `with its tag` : 'on its page';
  return `None of the ${others.length} other blocks ${what} is paid for by a process`;
}

/** ProcessBilled in a header, where a free chunk has the way up in the tree; its low bits are a colour. */
const [billedAt, colour, nodeEnd] = [8n, 3n, 8n];

/**
 * Nobody wrote a process into the header, if what is there is still the link that the chunk had when it was free: that of a process
 * is encoded.
 */
function leftOver(system: CrashedSystem, { address }: HeapBlock, heap: Va): string | undefined {
  const value = system.target.readPointer(address + billedAt);
  const node = value === undefined ? undefined : value & ~colour;
  if (node === undefined || (node & 0xfn) !== nodeEnd || !isKernelAddress(system, node)) return undefined;
  const report = runToEnd(describePool(system, node));
  const range = report.kind === 'segment-heap' ? report.page.range : undefined;
  if (range?.kind !== 'vs' || range.heap.address !== heap) return undefined;
  return `What should name the process is ${system.shortText(value!)}, a link of the heap's out of the time when the chunk was free`;
}

const hasQuota = ({ header }: HeapBlock): boolean =>
  header !== undefined &&
  decodeHeapType(header.type).isValid &&
  (header.type & heapTypeBits.quota) !== 0 &&
  header.previousSize === 0;
