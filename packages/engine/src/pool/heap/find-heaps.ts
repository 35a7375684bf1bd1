import { type Va, wrap64 } from '../../base/index.ts';
import { sourced } from '../../windows/index.ts';
import { alignedPointers, kernelData, type SearchedKernel } from '../kernel-data.ts';
import type { Placed } from '../placed.ts';
import type { HeapRole, PoolHeap } from './heap-block.ts';
import { heapCorruption, heapOfReport } from './heap-failure.ts';
import type { HeapLayout, ManagerLayout } from './heap-layout.ts';
import { isInKernelHalf } from './kernel-half.ts';

/** SEGMENT_HEAP.Signature */
export const heapSignature = 0xddee_ddee;
const roles: readonly HeapRole[] = ['nonpaged', 'nonpaged-nx', 'paged', 'prototype'];

/** Is a heap at an address? By its signature, and by the way back from its first segment context. */
export function judgeHeap({ target }: SearchedKernel, layout: HeapLayout, heap: Va): PoolHeap['signature'] {
  const signature = target.readU32(wrap64(heap + BigInt(layout.heap.Signature)));
  if (signature === undefined) return 'missing';
  if (signature !== heapSignature) return 'wrong';
  return 'right';
}

/** Does the layout fit this heap? Undefined: its page is not in the dump. */
export function fitsLayout({ target }: SearchedKernel, layout: HeapLayout, heap: Va): boolean | undefined {
  const context = heap + BigInt(layout.heap.SegContexts);
  const back = target.readPointer(wrap64(context + BigInt(layout.context.Heap)));
  return back === undefined ? undefined : back === heap;
}

/** The lock of a VS context says whether its heap is paged: 0, or nonpaged: 1. */
function isPaged({ target }: SearchedKernel, layout: HeapLayout, heap: Va): boolean | undefined {
  const type = target.readU32(wrap64(heap + BigInt(layout.heap.VsContext + layout.vs.LockType)));
  return type === 0 ? true : type === 1 ? false : undefined;
}

const pagedByRole: Readonly<Partial<Record<HeapRole, boolean>>> = {
  nonpaged: false,
  'nonpaged-nx': false,
  paged: true,
  prototype: true,
  session: true,
};

type Role = Pick<PoolHeap, 'role' | 'isSpecial' | 'node' | 'from'>;

export function heapAt(kernel: SearchedKernel, layout: HeapLayout, address: Va, known: Role): PoolHeap {
  const signature = judgeHeap(kernel, layout, address);
  const told = known.role === undefined ? undefined : pagedByRole[known.role];
  return {
    address,
    role: known.role,
    isSpecial: known.isSpecial,
    node: known.node,
    isPaged: told ?? (signature === 'right' ? isPaged(kernel, layout, address) : undefined),
    signature,
    from: known.from,
  };
}

/** nt!ExPoolState: by symbols, else by a pointer to a heap among nt's variables. */
export function findPoolState(
  kernel: SearchedKernel,
  layout: HeapLayout,
  manager: ManagerLayout,
): Placed<Va> {
  const named = kernel.symbols.findAddress('nt!ExPoolState');
  if (named !== undefined) {
    const wrong = whyNoState(kernel, manager, named);
    return wrong === undefined ? sourced(named, 'nt!ExPoolState') : `nt!ExPoolState ${wrong}`;
  }
  for (const page of kernelData(kernel)) {
    for (const { offset, to } of alignedPointers(page, 8)) {
      if (judgeHeap(kernel, layout, to) !== 'right' || fitsLayout(kernel, layout, to) !== true) continue;
      // Which of a node's heaps it is, is not known yet.
      for (let index = 0; index < manager.heapsCount; index++) {
        const before = manager.state.PoolNode + manager.heaps + index * 8;
        const state = wrap64(page.at + BigInt(offset - before));
        if (whyNoState(kernel, manager, state) === undefined)
          return sourced(state, 'a variable of nt that points to heaps and to the keys');
      }
    }
  }
  return 'there are no symbols for nt!ExPoolState, and no variable of nt in this dump points to heaps';
}

/** Why a place cannot be nt!ExPoolState, as half a sentence; undefined: it can. */
function whyNoState(kernel: SearchedKernel, manager: ManagerLayout, state: Va): string | undefined {
  const { target } = kernel;
  const globals = target.readPointer(wrap64(state + BigInt(manager.globals)));
  const count = target.readU32(wrap64(state + BigInt(manager.state.NumberOfPools)));
  if (globals === undefined || count === undefined) return 'is not in this dump';
  const named = kernel.symbols.findAddress('nt!RtlpHpHeapGlobals');
  const nt = kernel.modules.find(({ name }) => name === 'nt');
  const isInNt = nt !== undefined && globals >= nt.base && globals < nt.base + BigInt(nt.size);
  if (named === undefined ? !isInNt : named !== globals) return 'does not lead to nt!RtlpHpHeapGlobals';
  return count >= 1 && count <= manager.mostNodes ? undefined : `counts ${count} nodes`;
}

/** The heaps that nt!ExPoolState leads to; absent pointers are left out. */
export function heapsOfState(
  kernel: SearchedKernel,
  layout: HeapLayout,
  manager: ManagerLayout,
  state: Va,
  from: string,
): PoolHeap[] {
  const { target } = kernel;
  const { state: places } = manager;
  const count = target.readU32(wrap64(state + BigInt(places.NumberOfPools))) ?? 0;
  const heaps = new Map<Va, PoolHeap>();
  const add = (at: number, known: Omit<Role, 'from'>): void => {
    const address = target.readPointer(wrap64(state + BigInt(at)));
    if (address === undefined || !isHeapAddress(address) || heaps.has(address)) return;
    heaps.set(address, heapAt(kernel, layout, address, { ...known, from }));
  };
  for (let node = 0; node < Math.min(count, manager.mostNodes); node++)
    for (let index = 0; index < Math.min(manager.heapsCount, roles.length); index++)
      add(places.PoolNode + node * manager.nodeSize + manager.heaps + index * 8, {
        role: roles[index],
        isSpecial: false,
        node,
      });
  for (let index = 0; index < Math.min(manager.specialCount, roles.length); index++)
    add(places.SpecialHeaps + index * 8, { role: roles[index], isSpecial: true, node: undefined });
  const { metadata } = manager;
  for (let index = 0; index < metadata.count; index++)
    add(metadata.at + index * metadata.size, { role: 'metadata', isSpecial: false, node: undefined });
  return [...heaps.values()];
}

/** Heaps begin on a page of the kernel's half. */
export const isHeapAddress = (va: Va): boolean => isInKernelHalf(va) && (va & 0xfffn) === 0n;

/** The keys beside the state. */
export function keysOfState(
  kernel: SearchedKernel,
  manager: ManagerLayout,
  state: Va,
  from: string,
): { readonly heapKey: Placed<bigint>; readonly lfhKey: Placed<bigint> } {
  const { target } = kernel;
  const globals = target.readPointer(wrap64(state + BigInt(manager.globals)))!;
  const read = (offset: number): Placed<bigint> => {
    const value = target.readPointer(wrap64(globals + BigInt(offset)));
    return value === undefined ? 'nt!RtlpHpHeapGlobals is not in this dump' : sourced(value, from);
  };
  return { heapKey: read(manager.keys.HeapKey), lfhKey: read(manager.keys.LfhKey) };
}

/** The heap that reported KERNEL_MODE_HEAP_CORRUPTION, whose signature was found. */
export function heapOfBugCheck(kernel: SearchedKernel, layout: HeapLayout): PoolHeap | undefined {
  const { bugCheckCode, bugCheckParameters } = kernel.target.dump.header;
  if ((bugCheckCode & 0xfff_ffff) !== heapCorruption) return undefined;
  const found = heapOfReport(kernel, bugCheckParameters[1]);
  if (found?.isProven !== true) return undefined;
  const from = 'parameter 2 of the bug check, and its signature';
  return heapAt(kernel, layout, found.value, {
    role: undefined,
    isSpecial: undefined,
    node: undefined,
    from,
  });
}
