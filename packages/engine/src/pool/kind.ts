import type { ObjectKernel } from '../windows/index.ts';

/** How a kernel keeps its pool. */
export interface PoolKind {
  /** `classic`: blocks with headers that name each other; `segment-heap`: from Windows 10 1903 on. */
  readonly kind: 'classic' | 'segment-heap';
  /** How that is known, as half a sentence. */
  readonly from: string;
  /** Could it be the other one? A sentence that says why. */
  readonly doubt?: string;
}

/** First build without the classic pool. Source: PDB types; MemProcFS switches there too. */
const firstSegmentHeap = 18362;
/** Has both; which one serves, a variable says. */
const bothKinds = 17763;

/** By the structures of this very kernel where they are known, else by its build. */
export function poolKind({ structures, target, symbols }: ObjectKernel): PoolKind {
  const { build } = target.dump.header;
  const descriptor = structures.find('_POOL_DESCRIPTOR');
  if (descriptor?.exact === true) {
    return descriptor.member('ListHeads') === undefined
      ? { kind: 'segment-heap', from: 'POOL_DESCRIPTOR has no lists of free blocks' }
      : {
          kind: 'classic',
          from: 'POOL_DESCRIPTOR has lists of free blocks',
          ...doubtOf(build, symbols, target),
        };
  }
  const kind = build >= firstSegmentHeap ? 'segment-heap' : 'classic';
  return { kind, from: `build ${build}`, ...(kind === 'classic' && doubtOf(build, symbols, target)) };
}

function doubtOf(
  build: number,
  symbols: ObjectKernel['symbols'],
  target: ObjectKernel['target'],
): Pick<PoolKind, 'doubt'> {
  if (build !== bothKinds) return {};
  const at = symbols.findAddress('nt!ExpHeapBackedPoolEnabledState');
  const value = at === undefined ? undefined : target.readU32(at);
  const state = value === undefined ? '' : ` (nt!ExpHeapBackedPoolEnabledState is ${value})`;
  return { doubt: `Build ${build} can keep its pool in either way${state}; pages are read as classic pool.` };
}
