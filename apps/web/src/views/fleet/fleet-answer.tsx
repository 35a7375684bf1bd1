import type { ComponentChildren } from 'preact';
import { hasFleet, loginAddress } from '../../fleet/fleet-link.ts';
import { type FleetAnswer, useFleet } from '../../fleet/use-fleet.ts';
import { Empty } from '../../parts/states.tsx';

interface FleetAnswerProps<Value> {
  readonly path: string;
  readonly children: (value: Value) => ComponentChildren;
}

/** What the server answers, or why it does not. */
export function FromFleet<Value>(props: FleetAnswerProps<Value>) {
  if (!hasFleet)
    return (
      <div class="view">
        <h1>No fleet</h1>
        <Empty>
          This page comes from no server that keeps reports of dumps. <code>poolscope serve</code> is one: it
          shows its buckets here.
        </Empty>
      </div>
    );
  return <Asked {...props} />;
}

function Asked<Value>({ path, children }: FleetAnswerProps<Value>) {
  const answer: FleetAnswer<Value> = useFleet<Value>(path);
  if (answer.state === 'here') return <>{children(answer.value)}</>;
  if (answer.state === 'waiting')
    return <div class="view waiting" role="status" aria-label="asking the server" />;
  return (
    <div class="view">
      <h1>{answer.error.isUnknownPerson ? 'A token is needed' : 'No answer'}</h1>
      <div class="note error" role="alert">
        <p>{answer.error.message}</p>
        {answer.error.isUnknownPerson && (
          <p>
            <a href={loginAddress()}>Give your token to the server</a>, and come back.
          </p>
        )}
      </div>
    </div>
  );
}
