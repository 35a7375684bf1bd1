/** A story of the lab, without its solution. */
export interface ScenarioFact {
  readonly name: string;
  readonly title: string;
  readonly difficulty: 'easy' | 'medium' | 'hard';
  readonly story: string;
  /** Builds of Windows that it can happen on, and the one that it usually does. */
  readonly builds: readonly number[];
  readonly usualBuild: number;
  /** Driver Verifier or special pool is set by the story. */
  readonly isWatched: boolean;
}

export type LabDumpKind = 'full' | 'bitmap-full' | 'bitmap-kernel' | 'triage';

export interface PlayInput {
  readonly name: string;
  readonly build?: number;
  readonly seed?: number;
  /** A command of verifier.exe: `/flags 1 /driver myfault.sys`. */
  readonly verifier?: string;
  /** Tag or size that special pool watches. */
  readonly poolTag?: string;
  readonly kind: LabDumpKind;
}

/** What really happened, in the words of a verdict. */
export interface TruthFact {
  readonly kind: string;
  readonly culprit: string | undefined;
  readonly block: { readonly address: bigint; readonly size: number; readonly tag: string } | undefined;
  readonly damage: { readonly start: bigint; readonly length: number; readonly pattern: string } | undefined;
  readonly freedAddress: bigint | undefined;
}

export interface Played {
  readonly dump: Blob;
  readonly fileName: string;
  readonly build: number;
  /** `SYSTEM_SERVICE_EXCEPTION (3b)`, without the name where only the engine knows it. */
  readonly bugCheck: number;
  readonly truth: TruthFact | undefined;
  readonly steps: readonly LabStep[];
  /** Page that the steps show. */
  readonly page: bigint | undefined;
}

/** A call that the machine's process made of a driver, and what it did to the pool. */
export interface LabStep {
  readonly driver: string;
  readonly code: number;
  readonly inputBytes: number;
  readonly pool: readonly PoolCall[];
  /** The page afterwards; undefined where it is as before. */
  readonly blocks: readonly PageBlock[] | undefined;
  /** The machine stopped in it. */
  readonly isLast: boolean;
}

export interface PoolCall {
  readonly kind: 'allocate' | 'free';
  readonly tag: string | undefined;
  readonly bytes: number | undefined;
  readonly address: bigint;
}

export interface PageBlock {
  readonly offset: number;
  readonly size: number;
  readonly tag: string;
  readonly isFree: boolean;
}
