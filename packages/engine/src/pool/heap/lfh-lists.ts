import { type Va, wrap64 } from '../../base/index.ts';
import { describeListEnd, type ListEnd, walkList } from '../../types/index.ts';
import type { ObjectKernel } from '../../windows/index.ts';
import type { HeapProblem } from './heap-block.ts';
import type { LfhContext, LfhOwner } from './lfh-context.ts';

/** A subsegment as its owner's lists have it. */
export interface ListedSubsegment {
  readonly address: Va;
  readonly owner: LfhOwner;
  readonly list: 'available' | 'full' | 'active';
}

/** How the lists ended: what is wrong with them, and why subsegments may be lacking, one sentence each. */
export interface LfhListsEnd {
  readonly problems: readonly HeapProblem[];
  readonly missing: readonly string[];
}

/** Subsegments of all lists together: 256 MB of the smallest. */
const mostListed = 1 << 16;

/**
 * The subsegments that the owners of an LFH context list, and those that are active. One that is active and listed comes
 * once. A link that leads elsewhere ends its list.
 */
export function* walkLfhLists(
  kernel: ObjectKernel,
  context: LfhContext,
): Generator<ListedSubsegment, LfhListsEnd> {
  const problems: HeapProblem[] = [];
  const missing: string[] = [...context.missing];
  const seen = new Set<Va>();
  for (const owner of context.owners.values()) {
    if (owner.active !== undefined && !seen.has(owner.active)) {
      seen.add(owner.active);
      yield { address: owner.active, owner, list: 'active' };
    }
    for (const list of ['available', 'full'] as const) {
      if (seen.size >= mostListed) return { problems, missing: [...missing, 'there are more subsegments'] };
      const end = yield* walkOne(kernel, owner, list, seen);
      if (end !== undefined) judge(end, `the ${list} list of bucket ${owner.bucket}`, problems, missing);
    }
  }
  return { problems, missing };
}

const members = { available: 'AvailableSubsegmentList', full: 'FullSubsegmentList' } as const;

function* walkOne(
  { structures, target }: ObjectKernel,
  owner: LfhOwner,
  list: 'available' | 'full',
  seen: Set<Va>,
): Generator<ListedSubsegment, ListEnd | undefined> {
  const offset = structures.offset('_HEAP_LFH_SUBSEGMENT_OWNER', members[list]);
  const linkOffset = structures.offset('_HEAP_LFH_SUBSEGMENT', 'ListEntry');
  if (offset === undefined || linkOffset === undefined) return undefined;
  const head = wrap64(owner.address + BigInt(offset));
  const { memory, pointerSize } = target;
  const walk = walkList(memory, head, { pointerSize, linkOffset, limit: mostListed - seen.size });
  for (let step = walk.next(); ; step = walk.next()) {
    if (step.done === true) return step.value;
    const { at } = step.value;
    if ((at & 0xfffn) !== 0n) return { kind: 'null', count: 0, at, wrongBackLinks: 0 };
    if (seen.has(at)) continue;
    seen.add(at);
    yield { address: at, owner, list };
  }
}

function judge(end: ListEnd, name: string, problems: HeapProblem[], missing: string[]): void {
  const text = describeListEnd(end);
  if (text === undefined || end.kind === 'empty-head') return;
  missing.push(`${name}: ${text}`);
  if (end.kind === 'cycle') problems.push({ rule: 'list-cycle', at: end.at });
  const wrong = end.firstWrongBackLink;
  if (wrong !== undefined)
    problems.push({ rule: 'list-link', at: wrong.at, found: wrong.found, expected: wrong.expected });
}
