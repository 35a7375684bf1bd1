import { type Va, wrap64 } from '../../base/index.ts';
import { sourced } from '../../windows/index.ts';
import type { SearchedKernel } from '../kernel-data.ts';
import { poolKind } from '../kind.ts';
import { isPlaced, type Placed } from '../placed.ts';
import { findSession } from '../session-space.ts';
import {
  findPoolState,
  fitsLayout,
  heapAt,
  heapOfBugCheck,
  heapsOfState,
  judgeHeap,
  keysOfState,
} from './find-heaps.ts';
import type { HeapKeys, PoolHeap } from './heap-block.ts';
import { betterKey, confirmsKey, keyByCallback, keyBySegment } from './heap-keys.ts';
import { type HeapLayout, heapLayout, managerLayout } from './heap-layout.ts';
import { heapsOfSession } from './session-heaps.ts';

/** The heaps of a kernel's pool, and what they are read with. */
export interface PoolHeaps {
  readonly layout: HeapLayout;
  /** nt!ExPoolState. */
  readonly state: Placed<Va>;
  /**
   * Those that the state, the session of the process whose memory is read, or the bug check leads to; heaps of other sessions are
   * found by their segments, one at a time.
   */
  readonly heaps: readonly PoolHeap[];
  readonly keys: HeapKeys;
}

const known = new WeakMap<object, PoolHeaps | string>();

/** Finds the heaps of the pool, once; else says, as half a sentence, why it cannot. */
export function readPoolHeaps(kernel: SearchedKernel): PoolHeaps | string {
  const found = known.get(kernel) ?? findPoolHeaps(kernel);
  known.set(kernel, found);
  return found;
}

function findPoolHeaps(kernel: SearchedKernel): PoolHeaps | string {
  if (poolKind(kernel).kind !== 'segment-heap') return 'this kernel keeps its pool in the classic way';
  const layout = heapLayout(kernel);
  if (typeof layout === 'string') return layout;
  const manager = managerLayout(kernel);
  const state: Placed<Va> =
    manager === undefined
      ? 'the layout of _EX_POOL_HEAP_MANAGER_STATE is not known'
      : findPoolState(kernel, layout, manager);
  if (manager === undefined || !isPlaced(state)) {
    const heaps = withReported(kernel, layout, heapsOfSession(kernel, layout, undefined));
    const lfhKey = isPlaced(state) ? 'the layout of _RTLP_HP_HEAP_GLOBALS is not known' : state;
    return checked(kernel, {
      layout,
      state,
      heaps,
      keys: { heapKey: otherKey(kernel, layout, heaps), lfhKey },
    });
  }
  const from = state.from;
  const globals = kernel.target.readPointer(wrap64(state.value + BigInt(manager.globals)));
  const heaps = withReported(kernel, layout, [
    ...heapsOfState(kernel, layout, manager, state.value, from),
    ...heapsOfSession(kernel, layout, globals),
  ]);
  const keys = keysOfState(kernel, manager, state.value, from);
  const heapKey = chooseKey(kernel, layout, heaps, keys.heapKey);
  const isRefused = isPlaced(heapKey) && isPlaced(keys.heapKey) && heapKey.value !== keys.heapKey.value;
  const refused = isRefused
    ? { refused: `that by ${keys.heapKey.from} does not decode what is in the heaps` }
    : {};
  return checked(kernel, { layout, state, heaps, keys: { heapKey, lfhKey: keys.lfhKey, ...refused } });
}

/** And the one that reported the bug check. */
function withReported(kernel: SearchedKernel, layout: HeapLayout, heaps: readonly PoolHeap[]): PoolHeap[] {
  const reported = heapOfBugCheck(kernel, layout);
  const isNew = reported !== undefined && !heaps.some(({ address }) => address === reported.address);
  return isNew ? [...heaps, reported] : [...heaps];
}

/** Layouts of another build are no good where a heap says that they do not fit. */
function checked(kernel: SearchedKernel, found: PoolHeaps): PoolHeaps | string {
  const { layout, heaps } = found;
  const fit = heaps.flatMap(({ address, signature }) =>
    signature === 'right' ? (fitsLayout(kernel, layout, address) ?? []) : [],
  );
  return layout.isExact || fit.length === 0 || fit.some(Boolean)
    ? found
    : `the layout of _SEGMENT_HEAP in this build is not known: that of the ${layout.from} does not fit`;
}

/** A key that decodes no callbacks of any heap is not the key; where none can be looked at, it is believed. */
function chooseKey(
  kernel: SearchedKernel,
  layout: HeapLayout,
  heaps: readonly PoolHeap[],
  key: Placed<bigint>,
): Placed<bigint> {
  if (!isPlaced(key)) return withOther(otherKey(kernel, layout, heaps), key);
  const answers = new Set(
    heaps
      .filter(({ signature }) => signature === 'right')
      .map(({ address }) => confirmsKey(kernel, layout, address, key.value)),
  );
  const right = heaps.filter(({ signature }) => signature === 'right').map(({ address }) => address);
  const better = answers.has(true) ? betterKey(kernel, layout, right, key.value) : undefined;
  if (better !== undefined) return better;
  if (answers.has(true)) return sourced(key.value, `${key.from}, and it decodes the callbacks of the heaps`);
  if (!answers.has(false)) return key;
  return withOther(otherKey(kernel, layout, heaps), decodesNone(key.from));
}

const decodesNone = (from: string): string => `the key by ${from} decodes the callbacks of no heap`;

const withOther = (other: Placed<bigint>, why: string): Placed<bigint> => (isPlaced(other) ? other : why);

/** The key without the variable that has it. */
function otherKey(kernel: SearchedKernel, layout: HeapLayout, heaps: readonly PoolHeap[]): Placed<bigint> {
  let why = 'no heap is known in this dump';
  for (const { address, signature } of heaps) {
    if (signature !== 'right') continue;
    for (const find of [keyByCallback, keyBySegment]) {
      const key = find(kernel, layout, address);
      if (isPlaced(key)) return key;
      why = key;
    }
  }
  return why;
}

/** The heaps again with a key that was found elsewhere, as in chunks of the pool. */
export const withHeapKey = (heaps: PoolHeaps, heapKey: Placed<bigint>): PoolHeaps => ({
  ...heaps,
  keys: { ...heaps.keys, heapKey },
});

/**
 * A heap that a segment names: one of those that are known, or one by its own signature. Undefined where there is none, or its
 * page is missing and nothing else told of it.
 */
export function heapOfSegment(
  kernel: SearchedKernel,
  { layout, heaps }: PoolHeaps,
  address: Va,
): PoolHeap | undefined {
  const listed = heaps.find((heap) => heap.address === address);
  if (listed !== undefined) return listed;
  const isHeap =
    judgeHeap(kernel, layout, address) === 'right' && fitsLayout(kernel, layout, address) === true;
  if (!isHeap) return undefined;
  const session = findSession(kernel, address);
  return heapAt(kernel, layout, wrap64(address), {
    role: session === undefined ? undefined : 'session',
    isSpecial: session === undefined ? undefined : false,
    node: undefined,
    from:
      session === undefined
        ? 'a segment that names it'
        : `a segment that names it, in session space (${session.from})`,
  });
}
