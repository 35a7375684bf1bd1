import { pageSize } from '@poolscope/engine/base';
import type { KernelAddress } from '../pool/kernel-address.ts';
import type { HeapParts } from './heap-parts.ts';

/** One state tells of 2 MB of a segment. */
const stateShift = 21;
const stateBytes = 2;
/** CommittedPageCount: the low bits of a state. */
const countMask = 0x7ff;

/**
 * _HEAP_SEGMENT_MGR_COMMIT_STATE: how many pages of each 2 MB of a segment have memory. That a state is for 2 MB is an
 * assumption: its count is as wide as that needs.
 */
export class CommitStates {
  readonly #parts: HeapParts;

  constructor(parts: HeapParts) {
    this.#parts = parts;
  }

  /** Bytes that the states of a segment take. */
  bytesFor(segmentBytes: number): number {
    return stateBytes * Math.ceil(segmentBytes / 2 ** stateShift);
  }

  /** So many pages from `start` on have memory now; a negative number: no longer. */
  count(segment: KernelAddress, start: KernelAddress, pages: number): void {
    const { memory, layout } = this.#parts;
    const states = memory.readPointer(segment + layout.segment.commitState);
    if (states === 0) return;
    const sign = Math.sign(pages);
    let [at, left] = [start - segment, Math.abs(pages)];
    while (left > 0) {
      const index = Math.floor(at / 2 ** stateShift);
      const here = Math.min(left, ((index + 1) * 2 ** stateShift - at) / pageSize);
      this.#add(states + index * stateBytes, sign * here);
      at += here * pageSize;
      left -= here;
    }
  }

  #add(state: KernelAddress, pages: number): void {
    const { memory } = this.#parts;
    const value = memory.readU16(state);
    memory.writeU16(state, (value & ~countMask) | ((value + pages) & countMask));
  }
}
