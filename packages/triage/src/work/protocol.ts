import type { Facts } from '../facts.ts';

/** What a worker process is asked, and what it answers. Messages are copied as they are, bytes included. */

export type Request =
  /** Look at a file: each dump in it is told of as `found`, and waits for `answer`. */
  | { readonly kind: 'open'; readonly job: number; readonly path: string; readonly name: string }
  | { readonly kind: 'answer'; readonly job: number; readonly analyze: boolean };

export type Reply =
  | { readonly kind: 'ready'; readonly analyzer: string }
  | { readonly kind: 'found'; readonly job: number; readonly dump: FoundDump }
  | { readonly kind: 'done'; readonly job: number; readonly dump: FoundDump; readonly outcome: Outcome }
  /** Nothing more comes of the file. */
  | { readonly kind: 'end'; readonly job: number; readonly problem?: Problem };

export interface FoundDump {
  readonly sha256: string;
  readonly bytes: number;
  /** Its name in an archive of several. */
  readonly entry?: string;
}

export interface Problem {
  readonly code: string;
  readonly message: string;
}

export type Outcome =
  | {
      readonly state: 'analyzed';
      readonly facts: Facts;
      readonly body: Uint8Array;
      readonly milliseconds: number;
    }
  | { readonly state: 'refused'; readonly problem: Problem; readonly milliseconds: number }
  | { readonly state: 'failed'; readonly problem: Problem; readonly milliseconds: number };
