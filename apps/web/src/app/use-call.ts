import { useEffect, useState } from 'preact/hooks';
import { CallError } from '../link/worker-link.ts';
import type { CallName, ErrorFacts, InputOf, OutputOf, ProgressFacts } from '../protocol/messages.ts';
import { useApp } from './app-context.ts';

/** An answer of the worker on its way. */
export type Asked<Value> =
  | {
      readonly state: 'waiting';
      readonly progress: ProgressFacts | undefined;
      readonly last: Value | undefined;
      /** Stops the call. */
      readonly stop: () => void;
    }
  | { readonly state: 'failed'; readonly error: ErrorFacts }
  | { readonly state: 'here'; readonly value: Value };

/**
 * Asks the worker when the view appears, when `key` changes, and when the dump was read anew. A call that nobody waits for
 * any more is stopped.
 */
export function useCall<Name extends CallName>(
  name: Name,
  input: InputOf<Name> | undefined,
  key: unknown,
): Asked<OutputOf<Name>> {
  type Value = OutputOf<Name>;
  const app = useApp();
  const [asked, setAsked] = useState<Asked<Value>>({
    state: 'waiting',
    progress: undefined,
    last: undefined,
    stop: () => {},
  });
  const generation = app.generation.value;
  useEffect(() => {
    if (input === undefined) return undefined;
    const leave = new AbortController();
    const stop = new AbortController();
    const halt = () => stop.abort();
    const set = (next: (before: Asked<Value>) => Asked<Value>) => {
      if (!leave.signal.aborted) setAsked(next);
    };
    set((before) => ({ state: 'waiting', progress: undefined, last: lastOf(before), stop: halt }));
    const onProgress = (progress: ProgressFacts) =>
      set((before) => ({ state: 'waiting', progress, last: lastOf(before), stop: halt }));
    app.call(name, input, { onProgress, signal: stop.signal }).then(
      (value) => set(() => ({ state: 'here', value })),
      (error: unknown) => set(() => ({ state: 'failed', error: factsOf(error) })),
    );
    return () => {
      leave.abort();
      stop.abort();
    };
  }, [name, key, generation]);
  return asked;
}

const lastOf = <Value>(asked: Asked<Value>): Value | undefined =>
  asked.state === 'here' ? asked.value : asked.state === 'waiting' ? asked.last : undefined;

const factsOf = (error: unknown): ErrorFacts =>
  error instanceof CallError ? error.facts : { code: 'BUG', message: String(error), remedy: '' };
