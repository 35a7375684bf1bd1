/** What is wrong with the store, and what to do about it. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly remedy: string;

  constructor(message: string, remedy: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.remedy = remedy;
  }
}
