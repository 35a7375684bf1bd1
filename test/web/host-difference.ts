/** What a transcript of the terminal and the page's console may differ in: by the command, and why. */
export interface HostDifference {
  readonly name: string;
  readonly why: string;
  /** The only area that has it; absent: any. */
  readonly area?: string;
  readonly command: RegExp;
  /** What the page shows where the terminal shows `golden`; undefined: it depends on what differed before. */
  readonly shows?: (shown: string, golden: string) => boolean;
}
