import { signExtend32, type Va, type Warnings } from '../base/index.ts';
import type { BlockCache } from '../io/index.ts';
import type { DumpHeader } from './header.ts';

/** What the readers of a triage dump's parts get. */
export interface TriageInput {
  readonly file: BlockCache;
  readonly header: DumpHeader;
  readonly warnings: Warnings;
}

/** Widens an address field of either layout. */
export const addressOf = (value: number | bigint): Va =>
  typeof value === 'number' ? signExtend32(value) : value;
