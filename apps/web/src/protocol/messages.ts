import type { Calls } from './calls.ts';

/** What goes between the page and its workers. */

export type CallName = keyof Calls;
export type InputOf<Name extends CallName> = Calls[Name]['input'];
export type OutputOf<Name extends CallName> = Calls[Name]['output'];
export type EventOf<Name extends CallName> = Calls[Name]['event'];

/** From the page: a call under a number of its own, or the wish to stop one. */
export type Request =
  | { readonly id: number; readonly call: CallName; readonly input: unknown }
  | { readonly id: number; readonly call: 'cancel' };

/** To the page: what belongs to the call of this number. */
export type Response =
  | { readonly id: number; readonly kind: 'answer'; readonly value: unknown }
  | { readonly id: number; readonly kind: 'error'; readonly error: ErrorFacts }
  | { readonly id: number; readonly kind: 'progress'; readonly progress: ProgressFacts }
  | { readonly id: number; readonly kind: 'event'; readonly event: unknown };

/** How far a long call is. */
export interface ProgressFacts {
  readonly what: string;
  readonly done: number;
  /** In the unit of `done`; absent when nobody knows. */
  readonly total?: number;
}

/** An error as the page shows it. */
export interface ErrorFacts {
  /** Of the engine's catalogue; `BUG` for a mistake of ours, `CANCELLED` where the user stopped it. */
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}
