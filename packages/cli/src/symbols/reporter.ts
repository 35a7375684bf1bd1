/** What the user is told while symbols are looked for. */
export interface Reporter {
  /** Bytes so far, and of all where the server tells. */
  progress(what: string, done: number, total: number | undefined): void;
  /** A file is there now. */
  fetched(what: string, bytes: number, from: string): void;
  /** Something that is set cannot be used: said once. */
  problem(text: string): void;
}
