import { Fault, type Va } from '../../base/index.ts';
import { type ObjectKernel, sourced } from '../../windows/index.ts';
import { candidatesIn } from '../candidates.ts';
import { poolFormat } from '../format.ts';
import { readPage } from '../page-bytes.ts';
import type { Placed } from '../placed.ts';
import type { HeapRange } from './heap-block.ts';
import type { LfhContext } from './lfh-context.ts';
import { bitmapBytes, lfhHeaderEnd, readLfhHeader } from './lfh-header.ts';
import { decodeLfhOffsets, type OffsetLimits, type OffsetShift } from './lfh-offsets.ts';
import { agreeingOffsets } from './lfh-told-offsets.ts';

/** Subsegments that must give the same 32 bits: each of them alone has some that are guessed. */
const fewestSubsegments = 3;

/** What a subsegment says that the low half of the key is. */
export interface LfhKeyVote {
  readonly key: bigint;
  readonly shift: OffsetShift;
  readonly subsegment: Va;
}

/**
 * The low 32 bits of the LFH key, which are all that is used of it, out of subsegments: the size of their blocks is known from
 * their bucket or from headers side by side, and the first block is where the header ends. Three that give the same are
 * proof; the text says how many did. Else says, as half a sentence, why there is none.
 */
export function* recoverLfhKey(
  kernel: ObjectKernel,
  ranges: Iterable<Pick<HeapRange, 'start' | 'end'>>,
  context?: LfhContext,
): Generator<number, Placed<bigint>> {
  const votes: LfhKeyVote[] = [];
  let count = 0;
  for (const range of ranges) {
    votes.push(...lfhKeyVotes(kernel, range, context));
    yield ++count;
  }
  return judgeLfhVotes(votes, usualShift(kernel));
}

/** One vote for each way of shifting the address; none where the size of blocks is not known. */
export function lfhKeyVotes(
  kernel: ObjectKernel,
  { start, end }: Pick<HeapRange, 'start' | 'end'>,
  context?: LfhContext,
): LfhKeyVote[] {
  const header = readLfhHeader(kernel, start);
  if (typeof header === 'string' || header instanceof Fault || header.blockCount === 0) return [];
  const { unit } = poolFormat(kernel);
  const blockSize = context?.owners.get(header.owner ?? 0n)?.blockSize ?? sizeInRow(kernel, start);
  if (blockSize === undefined || header.bitmapOffset + bitmapBytes(header) > Number(end - start)) return [];
  const expectedFirst = Math.ceil(lfhHeaderEnd(header) / unit) * unit;
  const limits: OffsetLimits = {
    unit: unit === 16 ? 16 : 8,
    blockCount: header.blockCount,
    headerBytes: header.bitmapOffset + bitmapBytes(header),
    rangeBytes: Number(end - start),
    largest: blockSize,
    expectedFirst,
  };
  // Where the headers of its blocks do not tell where they are, it has no vote.
  const firstBlock = agreeingOffsets(kernel, header, blockSize, limits, 1)?.firstBlock;
  if (firstBlock === undefined) return [];
  // The key and the offsets change places: what decodes to the offsets with the key decodes to the key with the offsets.
  const offsets = BigInt(blockSize + firstBlock * 0x1_0000);
  return decodeLfhOffsets(header.storedOffsets, offsets, start).map((word) => ({
    key: BigInt(word.blockSize + word.firstBlock * 0x1_0000),
    shift: word.shift,
    subsegment: start,
  }));
}

/** The size of most candidates that lie side by side on the first page of a subsegment. */
function sizeInRow(kernel: ObjectKernel, start: Va): number | undefined {
  const page = readPage(kernel.target.memory, start);
  const rows = candidatesIn(page, poolFormat(kernel)).filter(({ fits }) => fits?.kind === 'side-by-side');
  const [best] = [...rows].sort((a, b) => b.fits!.count - a.fits!.count);
  return best?.size;
}

/** Subsegments tell their list up to 22631; public readers shift the low half of the address there, and all of it later. */
const usualShift = ({ structures }: ObjectKernel): 'whole' | 'truncated' =>
  structures.offset('_HEAP_LFH_SUBSEGMENT', 'Location') === undefined ? 'whole' : 'truncated';

/**
 * The key that enough subsegments give, and no other. Those of one 4 GB cannot tell the two ways of shifting apart, which give
 * two keys: then the way that is usual for the build decides, and the text says so.
 */
export function judgeLfhVotes(votes: readonly LfhKeyVote[], usual: 'whole' | 'truncated'): Placed<bigint> {
  const [proven, other] = [usual, usual === 'whole' ? 'truncated' : 'whole'].map((form) =>
    provenBy(votes.filter(({ shift }) => shift === form || shift === 'either')),
  );
  // With the wrong way each 4 GB gives a key of its own.
  const single = [proven!, other!].find((keys) => keys.length === 1);
  const [found] = single ?? [];
  if (found === undefined)
    return proven!.length + other!.length === 0 ? lack(votes) : 'LFH subsegments lead to more than one key';
  const isDoubtful = proven!.length === 1 && other!.length === 1 && proven![0]!.key !== other![0]!.key;
  const how = isDoubtful
    ? `, by the ${usual === 'whole' ? 'whole' : 'low half of the'} address, as usual`
    : '';
  return sourced(found.key, `${found.count} LFH subsegments whose block sizes are known${how}`);
}

interface ProvenKey {
  readonly key: bigint;
  readonly count: number;
}

const countsOf = (votes: readonly LfhKeyVote[]): ProvenKey[] => {
  const byKey = new Map<bigint, Set<Va>>();
  for (const { key, subsegment } of votes) byKey.set(key, (byKey.get(key) ?? new Set()).add(subsegment));
  return [...byKey].map(([key, from]) => ({ key, count: from.size }));
};

const provenBy = (votes: readonly LfhKeyVote[]): ProvenKey[] =>
  countsOf(votes).filter(({ count }) => count >= fewestSubsegments);

function lack(votes: readonly LfhKeyVote[]): string {
  const most = Math.max(0, ...countsOf(votes).map(({ count }) => count));
  if (most < 2) return 'no two LFH subsegments in the dump agree on a key';
  return `${most} LFH subsegments agree on a key, which is no proof: ${fewestSubsegments} are needed`;
}
