import { Fault, readU64, type Va, wrap64 } from '../../base/index.ts';
import { type ObjectKernel, sourced } from '../../windows/index.ts';
import type { Placed } from '../placed.ts';
import type { HeapLayout } from './heap-layout.ts';

/** Exclusive-or'ed into the signature of a segment, up to builds before 26100. Source: Bayet and Fariello; MemProcFS. */
export const segmentSecret = 0xa2e6_4ead_a2e6_4eadn;
/** Newer builds do without. */
export const segmentSecrets = [segmentSecret, 0n] as const;

/** What looking for a key needs of the system. */
export interface KeyKernel extends Pick<ObjectKernel, 'target' | 'symbols'> {
  readonly modules: readonly { readonly name: string; readonly base: Va; readonly size: number }[];
}

/** Allocate, Free, Commit, Decommit, ExtendContext. */
const callbackCount = 5;

/** Functions of nt that a VS context calls, encoded with the heap key and the context's address; 0 stays 0. */
export function readCallbacks({ target }: KeyKernel, layout: HeapLayout, heap: Va): readonly bigint[] {
  const at = wrap64(heap + BigInt(layout.heap.VsContext + layout.vs.Callbacks));
  const read = target.memory.tryRead(at, callbackCount * 8);
  const bytes = read instanceof Fault ? read.got : read;
  return Array.from({ length: Math.floor(bytes.length / 8) }, (_, index) => readU64(bytes, index * 8));
}

const contextOf = (layout: HeapLayout, heap: Va): Va => wrap64(heap + BigInt(layout.heap.VsContext));

/**
 * Does a key decode the callbacks of a heap to functions of nt? One of them by accident is one case in 2 ** 40. Undefined
 * where the dump does not tell.
 */
export function confirmsKey(
  kernel: KeyKernel,
  layout: HeapLayout,
  heap: Va,
  key: bigint,
): boolean | undefined {
  const nt = kernel.modules.find(({ name }) => name === 'nt');
  const callbacks = readCallbacks(kernel, layout, heap).filter((each) => each !== 0n);
  if (nt === undefined || callbacks.length === 0) return undefined;
  const context = contextOf(layout, heap);
  return callbacks.every((stored) => {
    const to = stored ^ context ^ key;
    return to >= nt.base && to < nt.base + BigInt(nt.size);
  });
}

/** Functions begin at multiples of 16. */
const codeAlignment = 0xfn;

/** Does a key decode the callbacks of a heap to where functions can begin? */
function decodesStarts(kernel: KeyKernel, layout: HeapLayout, heap: Va, key: bigint): boolean {
  const callbacks = readCallbacks(kernel, layout, heap).filter((each) => each !== 0n);
  return callbacks.every((stored) => ((stored ^ contextOf(layout, heap) ^ key) & codeAlignment) === 0n);
}

/**
 * Another key that is to be taken for one which decodes callbacks to somewhere in nt, as one does that is wrong in its low bits: two
 * signatures of segments or callbacks that symbols name agree on it, or one does and only with it do callbacks begin where functions
 * can. Undefined: one of them confirms the key, or too little speaks against it.
 */
export function betterKey(
  kernel: KeyKernel,
  layout: HeapLayout,
  heaps: readonly Va[],
  key: bigint,
): Placed<bigint> | undefined {
  const found = heaps.flatMap((heap) =>
    [keyByCallback, keyBySegment].flatMap((find) => {
      const other = find(kernel, layout, heap);
      return typeof other === 'string' ? [] : [{ heap, other }];
    }),
  );
  if (found.some(({ other }) => other.value === key)) return undefined;
  for (const { heap, other } of found) {
    const isAgreed = found.filter((each) => each.other.value === other.value).length >= 2;
    const starts = (each: bigint): boolean => decodesStarts(kernel, layout, heap, each);
    if (isAgreed || (starts(other.value) && !starts(key))) return other;
  }
  return undefined;
}

/** The key by a callback whose function symbols name. */
export function keyByCallback(kernel: KeyKernel, layout: HeapLayout, heap: Va): Placed<bigint> {
  const names = ['RtlpHpSegVsAllocate', 'RtlpHpSegLfhVsFree'];
  const callbacks = readCallbacks(kernel, layout, heap);
  for (const [index, name] of names.entries()) {
    const to = kernel.symbols.findAddress(`nt!${name}`);
    const stored = callbacks[index];
    if (to === undefined || stored === undefined || stored === 0n) continue;
    const key = stored ^ contextOf(layout, heap) ^ to;
    if (confirmsKey(kernel, layout, heap, key) === true)
      return sourced(key, `the callback of the heap at ${heap.toString(16)} that is nt!${name}`);
  }
  return 'no symbol names the callbacks of a heap that is in this dump';
}

/** The key by the signature of the first segment on a heap's lists, if it decodes the callbacks as well. */
export function keyBySegment(kernel: KeyKernel, layout: HeapLayout, heap: Va): Placed<bigint> {
  const { target } = kernel;
  for (const index of [0, 1]) {
    const context = wrap64(heap + BigInt(layout.heap.SegContexts + index * layout.heap.contextSize));
    const segment = target.readPointer(wrap64(context + BigInt(layout.context.SegmentListHead)));
    if (segment === undefined || (segment & 0xf_ffffn) !== 0n || segment === 0n) continue;
    const stored = target.readPointer(wrap64(segment + BigInt(layout.segment.Signature)));
    if (stored === undefined) continue;
    for (const secret of segmentSecrets) {
      const key = stored ^ segment ^ context ^ secret;
      if (confirmsKey(kernel, layout, heap, key) === true)
        return sourced(
          key,
          `the signature of the segment at ${segment.toString(16)}, and the callbacks of its heap`,
        );
    }
  }
  return 'no segment of a known heap is in this dump';
}
