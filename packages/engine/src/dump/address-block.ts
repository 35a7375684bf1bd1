import type { Va } from '../base/index.ts';

/** What a saved piece of virtual memory is; the order is the order of precedence when a triage dump is read. */
export const blockOrder = [
  'data-block',
  'stack',
  'prcb',
  'process',
  'thread',
  'data-page',
  'debugger-data',
] as const;
export type BlockKind = (typeof blockOrder)[number];

/** `size` bytes of virtual memory at `va`, saved at file offset `offset`. */
export interface AddressBlock {
  readonly kind: BlockKind;
  readonly va: Va;
  readonly size: number;
  readonly offset: number;
}
