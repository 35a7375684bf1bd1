import type { PagingLevel, Va } from '../base/index.ts';
import { PagedMemory, type TranslationState, type VirtualMemory } from '../mmu/index.ts';

/** What the page tables say about a page that guards a block, or that a freed block had. */
export interface PageState {
  readonly page: Va;
  /** `not-valid`: nothing is there; `in-use`: mapped, or somewhere else; `unknown`: the tables are not in this dump. */
  readonly state: 'not-valid' | 'in-use' | 'unknown';
  /** The entry that decides, and its contents. */
  readonly level: PagingLevel | undefined;
  readonly entry: bigint | undefined;
  /** As the memory manager has it. */
  readonly translation: TranslationState | undefined;
}

/** Looks a page up. A dump without page tables (a small one) does not tell. */
export function pageStateOf(memory: VirtualMemory, page: Va): PageState {
  if (!(memory instanceof PagedMemory))
    return { page, state: 'unknown', level: undefined, entry: undefined, translation: undefined };
  const { entries, state } = memory.translate(page);
  const last = entries.at(-1);
  const isUnknown = state === 'table-not-in-dump' || state === 'non-canonical';
  return {
    page,
    state: isUnknown ? 'unknown' : state === 'not-present' ? 'not-valid' : 'in-use',
    level: last?.level,
    entry: last?.value,
    translation: state,
  };
}
