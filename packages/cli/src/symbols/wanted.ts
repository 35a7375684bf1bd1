import type { SymbolFileKind, SymbolRequest } from '@poolscope/engine';
import type { SearchLog } from './search-log.ts';
import type { StoreKey } from './store-key.ts';

/** A file that is looked for. */
export interface Wanted {
  readonly request: SymbolRequest;
  readonly kind: SymbolFileKind;
  /** Where symbol stores would have it; undefined where the dump does not tell. */
  readonly key: StoreKey | undefined;
  readonly log: SearchLog;
}
