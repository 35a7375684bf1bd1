/** What the pool did with a block, whatever the block's own header says by now. */
export const BlockState = { none: 0, allocated: 1, lookaside: 2, deferred: 3 } as const;

/**
 * The allocator's own account of one page, for the truth of a scenario: it is never read by the algorithm, and it holds
 * after the page was destroyed.
 */
export class PageLedger {
  readonly units: Uint16Array;
  readonly requested: Uint16Array;
  readonly tags: Uint32Array;
  readonly states: Uint8Array;

  constructor(unitsPerPage: number) {
    this.units = new Uint16Array(unitsPerPage);
    this.requested = new Uint16Array(unitsPerPage);
    this.tags = new Uint32Array(unitsPerPage);
    this.states = new Uint8Array(unitsPerPage);
  }

  set(at: number, units: number, requested: number, tag: number): void {
    this.units[at] = units;
    this.requested[at] = requested;
    this.tags[at] = tag;
    this.states[at] = BlockState.allocated;
  }
}
