import { describeFault, Fault, type Va, wrap64 } from '../../base/index.ts';
import type { ObjectKernel } from '../../windows/index.ts';
import { isPlaced } from '../placed.ts';
import type { HeapKeys, HeapProblem, HeapRange } from './heap-block.ts';
import { LfhBitmap } from './lfh-bitmap.ts';
import { checkLfhSubsegment } from './lfh-checks.ts';
import { readCommitStates } from './lfh-commit.ts';
import type { LfhContext } from './lfh-context.ts';
import { bitmapBytes, type LfhHeader, lfhHeaderEnd, readLfhHeader } from './lfh-header.ts';
import {
  chooseLfhOffsets,
  crossesPage,
  decodeLfhOffsets,
  type LfhOffsets,
  type OffsetLimits,
} from './lfh-offsets.ts';
import { agreeingOffsets } from './lfh-told-offsets.ts';

/** An LFH subsegment: blocks of one size side by side, and a bitmap of those in use. */
export interface LfhSubsegment {
  readonly address: Va;
  /** Exclusive; of its range. */
  readonly end: Va;
  readonly header: LfhHeader;
  readonly offsets: LfhOffsets;
  /** How the offsets are known, as half a sentence. */
  readonly from: string;
  readonly bitmap: LfhBitmap;
  /** Pages of each unit that are committed; undefined where the dump does not have it, or they cannot be told. */
  readonly committed: readonly number[] | undefined;
  /** Blocks that would cross a page: never handed out. */
  readonly crossing: number;
  readonly problems: readonly HeapProblem[];
}

/** What a subsegment is read with. */
export interface LfhReading {
  readonly keys: HeapKeys;
  /** Of its heap, where it could be read. */
  readonly context?: LfhContext | undefined;
}

/** Largest block of any LFH. Source: public research; bucket sizes end there. */
const largestOfAll = 0x4000;

/** Reads the LFH subsegment of a range; else says, as half a sentence, why that cannot be done. */
export function readLfhSubsegment(
  kernel: ObjectKernel,
  { start, end }: Pick<HeapRange, 'start' | 'end'>,
  { keys, context }: LfhReading,
): LfhSubsegment | string {
  const header = readLfhHeader(kernel, start);
  if (typeof header === 'string') return header;
  if (header instanceof Fault) return `its header cannot be read: ${describeFault(header)}`;
  const limits = limitsOf(kernel, header, Number(end - start), context);
  if (typeof limits === 'string') return limits;
  const known = findOffsets(kernel, header, limits, keys, context);
  if (typeof known === 'string') return known;
  const type = kernel.structures.find('_HEAP_LFH_SUBSEGMENT')!;
  if (!type.exact && !provesLayout(header, known.offsets, limits))
    return `the layout of _HEAP_LFH_SUBSEGMENT is not known (${type.source}), and its header does not prove it`;
  const { memory } = kernel.target;
  const bits = memory.tryRead(wrap64(start + BigInt(header.bitmapOffset)), bitmapBytes(header));
  const base = {
    address: start,
    end,
    header,
    offsets: known.offsets,
    from: known.from,
    bitmap: new LfhBitmap(bits instanceof Fault ? bits.got : bits, header),
    committed: readCommitStates(kernel, header),
    crossing: countCrossing(known.offsets, header.blockCount),
  };
  return { ...base, problems: [...known.problems, ...checkLfhSubsegment(base, context)] };
}

function limitsOf(
  { target }: ObjectKernel,
  header: LfhHeader,
  rangeBytes: number,
  context: LfhContext | undefined,
): OffsetLimits | string {
  const unit = target.pointerSize === 8 ? 16 : 8;
  const headerBytes = header.bitmapOffset + bitmapBytes(header);
  if (header.blockCount === 0) return 'its header counts no blocks';
  if (headerBytes + header.blockCount * unit * 2 > rangeBytes)
    return `its header counts ${header.blockCount} blocks, for which its ${rangeBytes} bytes are too few`;
  return {
    unit,
    blockCount: header.blockCount,
    headerBytes,
    rangeBytes,
    largest: Math.min(context?.largest ?? largestOfAll, largestOfAll),
    expectedFirst: Math.ceil(lfhHeaderEnd(header) / unit) * unit,
  };
}

/** Do members that have to agree do so? They lie elsewhere from 26100 on. */
const provesLayout = (header: LfhHeader, { firstBlock }: LfhOffsets, limits: OffsetLimits): boolean =>
  header.commitOffset === limits.headerBytes &&
  header.commitShift >= leastCommitShift &&
  header.commitUnits > 0 &&
  firstBlock === limits.expectedFirst;

/** Memory is committed in whole pages. */
const leastCommitShift = 12;

interface KnownOffsets {
  readonly offsets: LfhOffsets;
  readonly from: string;
  readonly problems: readonly HeapProblem[];
}

/** By the key; where they are damaged or there is no key, by the owner's bucket and the end of the header. */
function findOffsets(
  kernel: ObjectKernel,
  header: LfhHeader,
  limits: OffsetLimits,
  { lfhKey }: HeapKeys,
  context: LfhContext | undefined,
): KnownOffsets | string {
  const decoded = isPlaced(lfhKey)
    ? decodeLfhOffsets(header.storedOffsets, lfhKey.value, header.address)
    : [];
  const chosen = chooseLfhOffsets(decoded, limits);
  if (chosen !== undefined) {
    const form = { whole: ', by all bits of its address', truncated: ', by its low 32 bits', either: '' };
    return { offsets: chosen, from: `its encoded offsets${form[chosen.shift]}`, problems: [] };
  }
  const blockSize = header.owner === undefined ? undefined : context?.owners.get(header.owner)?.blockSize;
  const why = isPlaced(lfhKey) ? 'its block offsets make no sense' : lfhKey;
  if (blockSize === undefined) return why;
  const told = agreeingOffsets(kernel, header, blockSize, limits);
  if (told === undefined) return `${why}, and its blocks do not tell where the first one is`;
  const at = wrap64(header.address + BigInt(offsetsAt));
  return {
    offsets: told,
    from: `the size of its bucket and the end of its header: ${why}`,
    problems: isPlaced(lfhKey) ? [damagedOffsets(at, decoded[0]!, told)] : [],
  };
}

/** Of BlockOffsets: the same in all builds. */
const offsetsAt = 0x28;

const wordOf = ({ blockSize, firstBlock }: LfhOffsets): bigint => BigInt(blockSize + firstBlock * 0x1_0000);

const damagedOffsets = (at: Va, found: LfhOffsets, expected: LfhOffsets): HeapProblem => ({
  rule: 'lfh-offsets',
  at,
  found: wordOf(found),
  expected: wordOf(expected),
});

/** Address of a block; blocks are numbered through, those that cross a page included. */
export const slotAddress = (
  { address, offsets }: Pick<LfhSubsegment, 'address' | 'offsets'>,
  slot: number,
): Va => wrap64(address + BigInt(offsets.firstBlock + slot * offsets.blockSize));

function countCrossing(offsets: LfhOffsets, blockCount: number): number {
  let count = 0;
  for (let slot = 0; slot < blockCount; slot++) if (crossesPage(offsets, slot)) count++;
  return count;
}

/** The block that holds an address of the subsegment; undefined in its header and behind its last block. */
export function slotAt({ address, offsets, header }: LfhSubsegment, va: Va): number | undefined {
  const offset = Number(va - address) - offsets.firstBlock;
  const slot = Math.floor(offset / offsets.blockSize);
  return slot < 0 || slot >= header.blockCount ? undefined : slot;
}
