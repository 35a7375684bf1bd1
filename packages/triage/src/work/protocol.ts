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
  /** Bytes that were unpacked or hashed: it goes on, however large it is. */
  | { readonly kind: 'progress'; readonly job: number; readonly progress: FileProgress }
  /** Nothing more comes of the file. */
  | { readonly kind: 'end'; readonly job: number; readonly problem?: Problem };

export interface FoundDump {
  readonly sha256: string;
  readonly bytes: number;
  /** Its name in an archive of several. */
  readonly entry?: string;
}

/** How far a large file is before its dump is known. */
export interface FileProgress {
  readonly what: 'unpacking' | 'hashing';
  readonly bytes: number;
  /** Absent where it is not known. */
  readonly of?: number;
}

/** Why a file gave no report: a code for programs, and a sentence. */
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
