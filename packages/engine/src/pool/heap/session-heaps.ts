import { type Va, wrap64 } from '../../base/index.ts';
import { readSessionId } from '../../windows/index.ts';
import type { SearchedKernel } from '../kernel-data.ts';
import { sessionOfProcess } from '../session-space.ts';
import { fitsLayout, heapAt, isHeapAddress, judgeHeap } from './find-heaps.ts';
import type { PoolHeap } from './heap-block.ts';
import type { HeapLayout } from './heap-layout.ts';
import { isInKernelHalf } from './kernel-half.ts';

/** Members of _EX_HEAP_SESSION_STATE that lead to heaps. */
const members = [
  ['PagedHeap', false],
  ['SpecialPoolHeap', true],
] as const;

/**
 * The heaps of the session through whose page tables the kernel is read: other sessions have others, at the same addresses.
 * _MM_SESSION_SPACE.HeapState has no type; that it is an _EX_HEAP_SESSION_STATE is known by its first pointer, which leads to
 * `globals` as that of the pool does, else by the heaps. Source: types of 17763 to 22000, in which no other structure has heaps of
 * sessions.
 */
export function heapsOfSession(
  kernel: SearchedKernel,
  layout: HeapLayout,
  globals: Va | undefined,
): PoolHeap[] {
  const { structures, target, process } = kernel;
  const type = structures.find('_EX_HEAP_SESSION_STATE');
  const session = sessionOfProcess(kernel);
  const isKnown = structures.offset('_MM_SESSION_SPACE', 'HeapState') !== undefined;
  if (type === undefined || session === undefined || process === undefined || !isKnown) return [];
  const state = structures.at('_MM_SESSION_SPACE', session).pointer('HeapState');
  if (state === undefined || !isInKernelHalf(state)) return [];
  const found = target.readPointer(wrap64(state + BigInt(type.offset('HeapManager') ?? 0)));
  if (globals !== undefined && found !== globals) return [];
  const id = readSessionId(kernel, process.address, target.memory);
  const from = `HeapState of session ${id ?? 'space'}`;
  return members.flatMap(([name, isSpecial]) => {
    const at = type.offset(name);
    const address = at === undefined ? undefined : target.readPointer(wrap64(state + BigInt(at)));
    if (address === undefined || !isHeapAddress(address)) return [];
    return globals !== undefined || isSure(kernel, layout, address)
      ? [heapAt(kernel, layout, address, { role: 'session', isSpecial, node: undefined, from })]
      : [];
  });
}

const isSure = (kernel: SearchedKernel, layout: HeapLayout, heap: Va): boolean =>
  judgeHeap(kernel, layout, heap) === 'right' && fitsLayout(kernel, layout, heap) === true;
