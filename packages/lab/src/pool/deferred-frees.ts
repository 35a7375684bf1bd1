import type { KernelAddress } from './kernel-address.ts';
import type { PoolDescriptor } from './pool-descriptor.ts';
import type { PoolMemory } from './pool-memory.ts';
import type { PoolTrace } from './pool-trace.ts';

/** So many blocks wait before all of them are freed. Source: public research on Windows 7. */
const mostPending = 0x20;

/** Where a link that was destroyed ends a walk at the latest. */
const mostWalked = 0x1000;

/** Blocks that were freed and wait in PendingFrees of their descriptor, linked by the first pointer of the body. */
export class DeferredFrees {
  readonly #memory: PoolMemory;
  readonly #trace: PoolTrace;

  constructor(memory: PoolMemory, trace: PoolTrace) {
    this.#memory = memory;
    this.#trace = trace;
  }

  isFull(pool: PoolDescriptor): boolean {
    return this.#memory.readU32(pool.pendingDepth) >= mostPending;
  }

  push(pool: PoolDescriptor, body: KernelAddress): void {
    const memory = this.#memory;
    this.#trace.descriptor = pool.va;
    this.#trace.at('push-deferred', body);
    memory.writePointer(body, memory.readPointer(pool.pendingFrees));
    memory.writePointer(pool.pendingFrees, body);
    memory.add(pool.pendingDepth, 4, 1);
  }

  /** Empties the list, newest first; each body is read before it is given to `release`. */
  drain(pool: PoolDescriptor, release: (body: KernelAddress) => void): void {
    const memory = this.#memory;
    let body = memory.readPointer(pool.pendingFrees);
    memory.writePointer(pool.pendingFrees, 0);
    memory.writeU32(pool.pendingDepth, 0);
    for (let count = 0; body !== 0 && count < mostWalked; count++) {
      this.#trace.descriptor = pool.va;
      this.#trace.entry = body;
      this.#trace.at('read-deferred', body);
      const next = memory.readPointer(body);
      release(body);
      body = next;
    }
  }

  *walk(pool: PoolDescriptor): Generator<KernelAddress> {
    let body = this.#memory.readPointer(pool.pendingFrees);
    for (let count = 0; body !== 0 && count < mostWalked; count++) {
      yield body;
      body = this.#memory.readPointer(body);
    }
  }
}
