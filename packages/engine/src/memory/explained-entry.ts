import type { Pa, PagingLevel } from '../base/index.ts';

/** One entry of the page tables, and what it says. */
export interface ExplainedEntry {
  readonly level: PagingLevel;
  readonly address: Pa;
  /** Undefined: its table is not in the dump. */
  readonly value: bigint | undefined;
  readonly says: string;
}
