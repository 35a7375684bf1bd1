import type { SymbolFileKind, SymbolRequest } from '@poolscope/engine';

/** What came of looking in one place. */
export type Outcome = 'found' | 'absent' | 'refused' | 'failed' | 'skipped';

export interface Attempt {
  readonly kind: SymbolFileKind;
  /** Path or URL. */
  readonly where: string;
  readonly outcome: Outcome;
  /** Why it is not used, in plain words; absent where it was found or is simply not there. */
  readonly why?: string;
}

/** Where files for each module were looked for, and what came of it. */
export class SearchLog {
  readonly #attempts = new Map<string, Attempt[]>();
  readonly #onAttempt: ((module: string, attempt: Attempt) => void) | undefined;

  constructor(onAttempt?: (module: string, attempt: Attempt) => void) {
    this.#onAttempt = onAttempt;
  }

  /** In the order in which they were made. */
  of(module: string): readonly Attempt[] {
    return this.#attempts.get(module) ?? [];
  }

  clear(): void {
    this.#attempts.clear();
  }

  add({ module }: Pick<SymbolRequest, 'module'>, attempt: Attempt): void {
    const attempts = this.#attempts.get(module) ?? [];
    this.#attempts.set(module, attempts);
    attempts.push(attempt);
    this.#onAttempt?.(module, attempt);
  }
}

/** An attempt in words: `not there`, or why not. */
export function outcomeText({ outcome, why }: Attempt): string {
  if (outcome === 'found') return 'found';
  return why ?? (outcome === 'absent' ? 'not there' : outcome);
}

/**
 * Why a file that was there does not serve, for reports: without its place, which may name a user or a company. Undefined for
 * places that just have none.
 */
export function problemText({ where, outcome, why }: Attempt): string | undefined {
  if ((outcome !== 'refused' && outcome !== 'failed') || why === undefined) return undefined;
  const reason = why.replaceAll(where, 'it');
  if (/^https?:/.test(where))
    return outcome === 'failed'
      ? `the symbol server is of no use: ${reason}`
      : `what the symbol server sends is refused: ${reason}`;
  return `the file found for it is refused: ${reason}`;
}
