import type { Va } from '@poolscope/engine/base';

/** What a scenario really is; the words are those of a verdict. */
export type ScenarioKind =
  | 'pool-overrun'
  | 'pool-underrun'
  | 'double-free'
  | 'use-after-free'
  | 'invalid-free'
  | 'single-bit-error'
  | 'stray-write'
  | 'pool-header-corruption'
  | 'pool-misuse'
  | 'not-pool';

/** A block by its header; of whole pages and special pool what the caller got. */
export interface ScenarioBlock {
  readonly address: Va;
  /** With the header. */
  readonly size: number;
  readonly tag: string;
  readonly pool: 'nonpaged' | 'nonpaged-nx' | 'paged' | 'session';
  readonly allocator: 'classic' | 'big' | 'special' | 'vs' | 'lfh' | 'segment' | 'large';
  readonly state: 'allocated' | 'free';
}

/** A block that was hit. */
export interface ScenarioVictim {
  readonly address: Va;
  readonly size: number;
  readonly state: 'allocated' | 'free';
}

/** What was written where it must not be. Lengths are bytes. */
export interface ScenarioDamage {
  /** From the first changed byte to the last one. */
  readonly start: Va;
  readonly length: number;
  /** All that was written, where that is more: bytes at its ends that were so before. */
  readonly written?: { readonly start: Va; readonly length: number };
  readonly pattern: 'text' | 'fill' | 'zeros' | 'pointers' | 'bit' | 'mixed';
  readonly text?: string;
}

/** The ground truth of a scenario. */
export interface ScenarioTruth {
  readonly scenario: string;
  readonly kind: ScenarioKind;
  /** File name of the image whose code did it; undefined: none did. */
  readonly culprit: string | undefined;
  readonly block?: ScenarioBlock;
  readonly victims: readonly ScenarioVictim[];
  readonly damage?: ScenarioDamage;
  /** Nothing is left of the bytes that were written. */
  readonly damageIsGone?: true;
  readonly freedAddress?: Va;
}

/** The same before the scenario's name is added, which happens when it is played. */
export type ToldTruth = Omit<ScenarioTruth, 'scenario'>;
