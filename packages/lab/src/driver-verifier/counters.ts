import { pagedBit } from '../pool/pool-type.ts';

/** Counters under the names that they have in MM_DRIVER_VERIFIER_DATA. */
export class VerifierCounters {
  readonly values: Record<string, number> = {};

  count(name: string, by = 1): void {
    this.values[name] = (this.values[name] ?? 0) + by;
  }
}

/** Counts what one or all drivers have of each pool; the most is kept. */
export class PoolCounters {
  readonly values: Record<string, number> = {};

  add(type: number, bytes: number, count: 1 | -1): void {
    const kind = (type & pagedBit) === 0 ? 'NonPaged' : 'Paged';
    const [allocations, sum] = [`Current${kind}PoolAllocations`, `${kind}Bytes`] as const;
    this.#change(allocations, count, `Peak${kind}PoolAllocations`);
    this.#change(sum, count * bytes, `Peak${kind}Bytes`);
  }

  /** What is left. */
  get allocations(): number {
    const { CurrentPagedPoolAllocations = 0, CurrentNonPagedPoolAllocations = 0 } = this.values;
    return CurrentPagedPoolAllocations + CurrentNonPagedPoolAllocations;
  }

  #change(name: string, by: number, peak: string): void {
    const value = (this.values[name] ?? 0) + by;
    this.values[name] = value;
    this.values[peak] = Math.max(this.values[peak] ?? 0, value);
  }
}
