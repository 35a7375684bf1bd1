import type { DumpCall } from './dump-desk.ts';
import type { ErrorFacts } from './tool-error.ts';

/** What is said to the thread that reads a dump. */
export type ToThread =
  | { readonly kind: 'call'; readonly id: number; readonly call: DumpCall }
  | { readonly kind: 'stop'; readonly id: number };

/** And what it says; `opened` comes once, first, or `failed` with id 0. */
export type FromThread =
  | { readonly kind: 'opened' }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: object }
  | { readonly kind: 'failed'; readonly id: number; readonly error: ErrorFacts };
