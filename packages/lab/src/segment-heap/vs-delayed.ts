import type { KernelAddress } from '../pool/kernel-address.ts';
import type { HeapParts } from './heap-parts.ts';

/** EnableDelayFree, bit 2 of the configuration. */
const delaysFrees = 4;
/** Chunks up to so many bytes wait for their free. Sources differ: 1 KB or 4 KB. */
const delayedBytes = 0x400;
/** All are freed when so many wait. */
const mostDelayed = 0x20;
const nextEntry = 8;
/** One more in Depth, and in Sequence above it. */
const oneMore = 0x1_0001;

/**
 * _HEAP_VS_DELAY_FREE_CONTEXT: an SLIST of blocks that wait for their free, with the links in their data. `context` is the
 * _HEAP_VS_CONTEXT.
 */
export class VsDelayed {
  readonly #parts: HeapParts;

  constructor(parts: HeapParts) {
    this.#parts = parts;
  }

  /** Does a chunk of so many bytes wait? */
  takes(context: KernelAddress, bytes: number): boolean {
    const { memory, layout } = this.#parts;
    return bytes <= delayedBytes && (memory.readU32(context + layout.vs.config) & delaysFrees) !== 0;
  }

  /** True when enough wait. */
  push(context: KernelAddress, data: KernelAddress): boolean {
    const { memory, trace } = this.#parts;
    const list = this.#list(context);
    trace.at('vs-delayed', data);
    memory.writePointer(data, memory.readPointer(list + nextEntry));
    memory.writePointer(list + nextEntry, data);
    memory.add(list, 8, oneMore);
    return memory.readU16(list) >= mostDelayed;
  }

  /** Takes the list as a whole, and hands out what was in it, by the links in memory. */
  drain(context: KernelAddress, free: (data: KernelAddress) => void): void {
    const { memory, trace } = this.#parts;
    const list = this.#list(context);
    let data = memory.readPointer(list + nextEntry);
    memory.writePointer(list + nextEntry, 0);
    memory.writeU16(list, 0);
    for (let left = mostDelayed; data !== 0 && left > 0; left--) {
      trace.entry = data;
      trace.at('vs-delayed', data);
      const next = memory.readPointer(data);
      free(data);
      data = next;
    }
  }

  /** Data of all that wait; stops where the links lead nowhere. */
  *entries(context: KernelAddress): Generator<KernelAddress> {
    const { memory } = this.#parts;
    const list = this.#list(context);
    let data = memory.readPointer(list + nextEntry);
    for (let left = memory.readU16(list); data !== 0 && left > 0; left--) {
      yield data;
      data = memory.readPointer(data);
    }
  }

  #list(context: KernelAddress): KernelAddress {
    return context + this.#parts.layout.vs.delayed;
  }
}
