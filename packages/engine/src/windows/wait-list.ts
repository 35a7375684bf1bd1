import type { Va } from '../base/index.ts';
import { readWaitObject, type WaitObject } from './dispatcher-object.ts';
import type { Kernel } from './kernel.ts';

/** KeWaitForMultipleObjects waits for so many at most, and a timer. */
const maxWaitBlocks = 65;

/**
 * The objects that a thread waits for. Undefined when the layout of its wait blocks is not known or they are not in the
 * dump; what is read before that is kept.
 */
export function readWaitObjects(kernel: Kernel, thread: Va): readonly WaitObject[] | undefined {
  const { structures } = kernel;
  const block = structures.find('_KWAIT_BLOCK');
  if (block === undefined || structures.offset('_KTHREAD', 'WaitBlockList') === undefined) return undefined;
  const owner = structures.at('_KTHREAD', thread);
  const first = owner.pointer('WaitBlockList');
  if (first === undefined) return undefined;
  if (first === 0n) return [];
  const addresses = block.member('NextWaitBlock')
    ? chainFrom(kernel, first)
    : arrayFrom(first, block.size, owner.number('WaitBlockCount'));
  const objects: WaitObject[] = [];
  for (const at of addresses) {
    const object = structures.at('_KWAIT_BLOCK', at).pointer('Object');
    if (object === undefined) return objects.length === 0 ? undefined : objects;
    if (object !== 0n) objects.push(readWaitObject(kernel, object));
  }
  return objects;
}

/** Up to Windows 7 the blocks form a ring. */
function* chainFrom({ structures }: Kernel, first: Va): Generator<Va> {
  const seen = new Set<Va>();
  for (let at: Va | undefined = first; at !== undefined && at !== 0n; ) {
    if (seen.has(at) || seen.size >= maxWaitBlocks) return;
    seen.add(at);
    yield at;
    at = structures.at('_KWAIT_BLOCK', at).pointer('NextWaitBlock');
  }
}

/** Later they are an array; where its length is not known, the first one is certain. */
function* arrayFrom(first: Va, size: number, count = 1): Generator<Va> {
  for (let index = 0; index < Math.min(count, maxWaitBlocks); index++) yield first + BigInt(index * size);
}
