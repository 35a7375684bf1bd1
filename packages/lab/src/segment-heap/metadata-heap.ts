import type { KernelAddress } from '../pool/kernel-address.ts';
import type { HeapParts, KnownHeap } from './heap-parts.ts';
import type { Segments } from './segments.ts';
import { chunkUnit } from './vs-chunks.ts';
import { VsHeap } from './vs-heap.ts';

/**
 * The heap in which the others keep what does not fit into them: nodes of large allocations. Which of MetadataHeaps serves
 * whom is not known: here one of nonpaged memory serves all.
 */
export class MetadataHeap {
  readonly heap: KnownHeap;
  readonly #vs: VsHeap;
  readonly #parts: HeapParts;

  constructor(parts: HeapParts, segments: Segments, heap: KnownHeap) {
    this.#parts = parts;
    this.heap = heap;
    this.#vs = new VsHeap(parts, segments, () => undefined);
  }

  /** Zeroed memory. */
  allocate(bytes: number): KernelAddress | undefined {
    const { memory } = this.#parts;
    const size = Math.ceil(bytes / chunkUnit) * chunkUnit;
    const body = this.#vs.allocate(this.heap, size, false);
    if (body === undefined) return undefined;
    for (let at = 0; at < size; at += 4) memory.writeU32(body + at, 0);
    return body;
  }

  free(body: KernelAddress): void {
    this.#vs.free(this.heap, body, body);
  }
}
