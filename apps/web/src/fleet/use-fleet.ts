import { useEffect, useState } from 'preact/hooks';
import { askFleet, FleetError } from './fleet-link.ts';

/** An answer of the server on its way. */
export type FleetAnswer<Value> =
  | { readonly state: 'waiting' }
  | { readonly state: 'failed'; readonly error: FleetError }
  | { readonly state: 'here'; readonly value: Value };

/** Asks the server when the view appears and when the path changes. What nobody waits for any more is stopped. */
export function useFleet<Value>(path: string): FleetAnswer<Value> {
  const [answer, setAnswer] = useState<FleetAnswer<Value> & { readonly path?: string }>({ state: 'waiting' });
  useEffect(() => {
    const leave = new AbortController();
    setAnswer({ state: 'waiting' });
    askFleet<Value>(path, leave.signal).then(
      (value) => setAnswer({ state: 'here', value, path }),
      (error: unknown) => {
        if (!leave.signal.aborted) setAnswer({ state: 'failed', error: errorOf(error), path });
      },
    );
    return () => leave.abort();
  }, [path]);
  // The answer to another path is not this one's.
  return answer.path === path ? answer : { state: 'waiting' };
}

const errorOf = (error: unknown): FleetError =>
  error instanceof FleetError ? error : new FleetError(String(error));
