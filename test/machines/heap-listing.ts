import { findPoolBlocks, runToEnd, type Session, tagPattern } from '@poolscope/engine';
import type { RunningMachine } from '@poolscope/lab';
import { toldSize } from '../../packages/engine/src/pool/index.ts';

const everything = { tag: tagPattern('*')!, pools: ['nonpaged', 'paged'] } as const;
/** What is put aside is in use to the heap. */
const states = { allocated: 'allocated', free: 'free', deferred: 'cached', lookaside: 'cached' } as const;

/** The lab's own account of a machine's pool. */
export type HeapTruth = Extract<ReturnType<RunningMachine['pool']['truth']>, { readonly blocks: unknown }>;

const line = (...parts: readonly (string | number)[]): string => parts.join(' ');
/** Of a free slot of the LFH nobody knows what it was. */
const tagOf = (state: string, tag: number | '' | undefined): number | string =>
  state === 'free' ? '-' : tag!;

/** Address, size, state, tag and allocator of each block that the engine finds, in order. */
export function foundBlocks({ system }: Session): string[] {
  const { heap } = runToEnd(findPoolBlocks(system, everything));
  return heap
    .map(({ block }) => {
      const { address, state, tagValue, allocator } = block;
      return line(address.toString(16), toldSize(block), state, tagOf(state, tagValue), allocator);
    })
    .sort();
}

/** The same of those that are there. The free chunks of VS have no tags: they are not found by one. */
export const trueBlocks = ({ blocks }: HeapTruth): string[] =>
  blocks
    .filter(({ state, allocator }) => !(allocator === 'vs' && state === 'free'))
    .map(({ header, size, state, tag, allocator }) =>
      line(header.toString(16), size, states[state], tagOf(state, tag), `${allocator}`),
    )
    .sort();
