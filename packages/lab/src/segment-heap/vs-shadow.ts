import type { KernelAddress } from '../pool/kernel-address.ts';

/** A free chunk as the allocator made it, whatever its header says by now. */
export interface FreeChunk {
  readonly start: KernelAddress;
  readonly bytes: number;
}

/** The allocator's own account of free chunks, for the truth of a scenario: no decision is taken by it. */
export class VsShadow {
  readonly #free = new Map<KernelAddress, number>();
  /** What was there before each change of the work at hand. */
  readonly #before: (readonly [start: KernelAddress, bytes: number | undefined])[] = [];

  /** One operation ends, and another begins. */
  begin(): void {
    this.#before.length = 0;
  }

  /** Damage stopped the operation in the middle: its changes are taken back, so that every byte still has its block. */
  undo(): void {
    for (const [start, bytes] of this.#before.toReversed()) this.#set(start, bytes);
    this.begin();
  }

  add(start: KernelAddress, bytes: number): void {
    this.#before.push([start, this.#free.get(start)]);
    this.#set(start, bytes);
  }

  remove(start: KernelAddress): void {
    this.#before.push([start, this.#free.get(start)]);
    this.#set(start, undefined);
  }

  #set(start: KernelAddress, bytes: number | undefined): void {
    if (bytes === undefined) this.#free.delete(start);
    else this.#free.set(start, bytes);
  }

  free(): FreeChunk[] {
    return [...this.#free].map(([start, bytes]) => ({ start, bytes }));
  }
}
