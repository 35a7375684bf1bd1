import type { SearchedKernel } from './kernel-data.ts';
import { isPlaced } from './placed.ts';
import {
  chooseTags,
  readPoolTracker,
  type TagUse,
  type TrackedTag,
  type TrackerChoice,
  type TrackerOptions,
} from './tracker.ts';

/** Pool in use by tag. */
export interface PoolUseReport {
  readonly tags: readonly TrackedTag[];
  /** Over these tags. */
  readonly total: { readonly nonPaged: TagUse; readonly paged: TagUse };
  /** How the account was found; undefined: it was not, and `missing` says why. */
  readonly from: string | undefined;
  /** What is not counted in and why, one sentence each without a full stop. */
  readonly missing: readonly string[];
}

/** Reads the kernel's account of its pools, and chooses of it. Yields the entries done. */
export function* reportPoolUse(
  kernel: SearchedKernel,
  options: TrackerOptions & TrackerChoice = {},
): Generator<number, PoolUseReport> {
  const tracker = yield* readPoolTracker(kernel, options);
  if (!isPlaced(tracker)) return { tags: [], total: totalOf([]), from: undefined, missing: [tracker] };
  const { tags: all, from, missing } = tracker.value;
  const tags = chooseTags(all, options);
  return { tags, total: totalOf(tags), from, missing };
}

const totalOf = (tags: readonly TrackedTag[]): PoolUseReport['total'] => ({
  nonPaged: sum(tags.map(({ nonPaged }) => nonPaged)),
  paged: sum(tags.map(({ paged }) => paged)),
});

const sum = (uses: readonly TagUse[]): TagUse =>
  uses.reduce(
    (a, b) => ({
      allocations: a.allocations + b.allocations,
      frees: a.frees + b.frees,
      outstanding: a.outstanding + b.outstanding,
      bytes: a.bytes + b.bytes,
    }),
    { allocations: 0n, frees: 0n, outstanding: 0n, bytes: 0n },
  );
